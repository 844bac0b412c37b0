import type { CompletedCommand, CompletedProgram, Value } from './completion.js'

export function fishCompletion(programs: readonly CompletedProgram[]): string {
  return `# Completes ${programs.map(({ name }) => name).join(' and ')} in fish: voicechat-peer completion fish | source

function __voicechat_file
    set -l path (string replace -r '^(--[a-z-]+=)?file:' '' -- (commandline -ct))
    or return
    for each in (__fish_complete_path $path)
        echo file:$each
    end
end

${programs.map(script).join('\n')}`
}

function script({ name, options, commands }: CompletedProgram): string {
  const flags = options.map(({ flag, description, value }) => {
    return `complete -c ${name} -l ${flag.slice(2)}${behind(value)} -d ${quoted(description)}`
  })
  const words = commands.map(command => {
    return `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.description)}`
  })
  const operands = commands.flatMap(command => operandLines(name, command))
  return `${[`complete -c ${name} -f`, ...flags, ...words, ...operands].join('\n')}\n`
}

/** Words for an operand are offered until one of them is there. */
function operandLines(program: string, { name, operands }: CompletedCommand): string[] {
  return operands.map((words, n) => {
    const seen = (all: readonly string[]) => `__fish_seen_subcommand_from ${all.join(' ')}`
    const before = operands.slice(0, n).map(seen)
    const when = [seen([name]), ...before, `not ${seen(words)}`].join('; and ')
    return `complete -c ${program} -n ${quoted(when)} -a ${quoted(words.join(' '))}`
  })
}

function behind(value: Value | null): string {
  switch (value?.kind) {
    case undefined:
      return ''
    case 'words':
      return ` -x -a ${quoted(value.words.join(' '))}`
    case 'device':
      return ` -x -a ${quoted(`${value.words.join(' ')} file: (__voicechat_file)`)}`
    case 'file':
      return ' -r -F'
    case 'folder':
      return " -x -a '(__fish_complete_directories)'"
    case 'text':
      return ' -x'
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
