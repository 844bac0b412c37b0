/** A manual page, made from what the command itself says of its options, words and exit codes. */
import type { Command, Option } from 'commander'
import { bold, escaped, italic, item, prose, section } from './roff.js'

/** What no option tells. */
export interface PageText {
  /** One line: what it is. */
  readonly purpose: string
  readonly description: readonly string[]
  /** A name or a path, and what it is. */
  readonly environment: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  /** A command line, and what it does. */
  readonly examples: Readonly<Record<string, string>>
  readonly seeAlso: string
  /** The variable of an option; null: none. */
  readonly variableOf: (option: Option) => string | null
}

/** Of the last change to a page's own text: man shows it below, and mandoc misses it. */
const DATE = '2026-11-25'

export function manPage(program: Command, text: PageText): string {
  const name = program.name()
  const help = program.createHelp()
  const commands = help.visibleCommands(program).filter(command => command.name() !== 'help')
  const usage = [`.B ${escaped(name)}`, prose(`${program.usage()}`)]
  const words = commands.length > 0 ? ['.br', `.B ${escaped(name)}`, `${italic('command')} [options]`] : []
  const pages = Object.entries(text.environment).map(([key, value]) => item(bold(key), value))
  const parts = [
    `.\\" Made by npm run man from the options of the command: change them, or test/man, and make it again.`,
    `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 ${DATE} VoiceChat`,
    section('Name', [`${escaped(name)} \\- ${prose(text.purpose)}`]),
    section('Synopsis', [...usage, ...words]),
    section('Description', text.description.map(prose).join('\n.PP\n').split('\n')),
    ...optionSections(program, text),
    ...(commands.length > 0
      ? [
          section(
            'Commands',
            commands.map(command => commandItem(command, text)),
          ),
        ]
      : []),
    ...afterHelp(program),
    section('Environment', pages),
    ...(Object.keys(text.files).length > 0
      ? [
          section(
            'Files',
            Object.entries(text.files).map(([path, what]) => item(italic(path), what)),
          ),
        ]
      : []),
    section(
      'Examples',
      Object.entries(text.examples)
        .map(([line, what]) => `.PP\n${prose(what)}\n.PP\n.RS 4\n.nf\n${escaped(line)}\n.fi\n.RE`)
        .map((part, n) => (n === 0 ? part.replace('.PP\n', '') : part)),
    ),
    section('See also', [`.BR ${escaped(text.seeAlso)} (1)`]),
  ]
  return `${parts.join('\n')}\n`
}

/** A command with what it takes; of its own options, if it has any, each below it. */
function commandItem(command: Command, text: PageText): string {
  const operands = command.usage().replace('[options]', '').trim()
  const own = command.options.filter(({ hidden }) => !hidden).map(option => optionItem(option, text.variableOf(option)))
  return [
    item(`${bold(command.name())} ${escaped(operands)}`.trim(), sentence(command.description())),
    ...(own.length > 0 ? ['.RS', ...own, '.RE'] : []),
  ].join('\n')
}

/** A section for each group of options, as --help shows them. */
function optionSections(program: Command, text: PageText): string[] {
  const help = program.createHelp()
  const visible = help.visibleOptions(program)
  const groups = help.groupItems([...visible], [...visible], option => option.helpGroupHeading ?? 'Options:')
  return [...groups].map(([heading, options]) =>
    section(
      heading.replace(':', ''),
      options.map(option => optionItem(option, text.variableOf(option))),
    ),
  )
}

function optionItem(option: Option, variable: string | null): string {
  const head = option.flags
    .split(/([ ,]+)/)
    .map(part => (part.startsWith('-') ? bold(part) : part.startsWith('<') ? italic(part.slice(1, -1)) : part))
  const more = [
    ...(option.argChoices ? [`One of ${option.argChoices.join(', ')}.`] : []),
    ...(option.defaultValue === undefined
      ? []
      : [`Unless given: ${option.defaultValueDescription ?? option.defaultValue}.`]),
    ...(variable === null ? [] : [`Also by the environment variable ${variable}.`]),
  ]
  return item(head.join(''), [sentence(option.description), ...more].join(' '))
}

/** What stands below the options in --help, a paragraph "Title: text" each. */
function afterHelp(program: Command): string[] {
  let printed = ''
  program.configureOutput({
    writeOut: text => {
      printed += text
    },
  })
  program.outputHelp()
  const extra = printed.slice(program.helpInformation().length)
  const paragraphs = extra.split(/\n\s*\n/).map(text => /^([A-Z][\w ]+): (.*)$/s.exec(text.trim()))
  return paragraphs.flatMap(found => {
    const [, title = '', text = ''] = found ?? []
    if (title === '') return []
    if (title !== 'Exit codes') return [section(title, [prose(text)])]
    const codes = [...text.matchAll(/(\d+) ([^,.]+)/g)].map(([, code = '', what = '']) =>
      item(bold(code), sentence(what)),
    )
    return [section('Exit status', codes)]
  })
}

/** With a capital letter and a full stop. */
function sentence(text: string): string {
  const whole = text.trim().replace(/\s+/g, ' ')
  return `${whole[0]?.toUpperCase() ?? ''}${whole.slice(1)}${/[.!?]$/.test(whole) ? '' : '.'}`
}
