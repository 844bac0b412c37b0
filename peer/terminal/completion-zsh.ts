import type { CompletedCommand, CompletedProgram, Value } from './completion.js'

/** To be sourced after compinit, or put into a folder of $fpath as `_voicechat-peer`. */
export function zshCompletion(programs: readonly CompletedProgram[]): string {
  const names = programs.map(({ name }) => name)
  return `#compdef ${names.join(' ')}
# Completes ${names.join(' and ')} in zsh: source <(voicechat-peer completion zsh), after compinit

_voicechat_device() {
  if compset -P 'file:'; then
    _files
  else
    compadd -S '' -- file:
    compadd -- "$@"
  fi
}

${programs.map(script).join('\n')}
${programs.map(({ name }) => `compdef ${fnOf(name)} ${name}`).join('\n')}
case "$funcstack[1]" in
${programs.map(({ name }) => `  _${name}) [[ "$service" == ${name} ]] && ${fnOf(name)} "$@" ;;`).join('\n')}
esac
`
}

function fnOf(name: string): string {
  return `_${name.replaceAll('-', '_')}`
}

function script({ name, options, commands }: CompletedProgram): string {
  const flags = options.map(({ flag, description, value }) => {
    const rest = value === null ? '' : `:${value.kind === 'words' ? flag.slice(2) : value.kind}:${action(value)}`
    const sign = value === null ? '' : '='
    return `    ${quoted(`${flag}${sign}[${escaped(description)}]${rest}`)} \\`
  })
  const ways = commands.length > 0 ? "    '1: :->command' '*:: :->operand'" : '    && return'
  const all = commands.map(command => `        ${quoted(`${command.name}:${escaped(command.description)}`)}`)
  const operands = commands.flatMap(operandLines)
  const states = `
  case "$state" in
    command)
      local -a commands=(
${all.join('\n')}
      )
      _describe -t commands command commands
      ;;
    operand)
      case "$line[1]/$CURRENT" in
${operands.join('\n')}
        *) ;;
      esac
      ;;
  esac`
  return `${fnOf(name)}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C \\
${flags.join('\n')}
${ways}${commands.length > 0 ? states : ''}
}
`
}

/** Of the words that are left, the first is the command itself. */
function operandLines({ name, operands }: CompletedCommand): string[] {
  return operands.map((words, n) => `        ${name}/${n + 2}) compadd -- ${words.map(quoted).join(' ')} ;;`)
}

function action(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`
    case 'device':
      return ` _voicechat_device ${value.words.join(' ')}`
    case 'file':
      return '_files'
    case 'folder':
      return '_files -/'
    case 'text':
      return ' '
  }
}

/** For the brackets of _arguments. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
