/** Needs bash 3.2 and nothing else: macOS has no newer one, and bash-completion is not everywhere. */
import type { CompletedProgram, Value } from './completion.js'

export function bashCompletion(programs: readonly CompletedProgram[]): string {
  return `# Completes ${programs.map(({ name }) => name).join(' and ')} in bash: source <(voicechat-peer completion bash)
${programs.map(script).join('\n')}`
}

function script({ name, options, commands }: CompletedProgram): string {
  const fn = `_${name.replaceAll('-', '_')}`
  const taking = options.filter(({ value }) => value !== null)
  const values = taking.flatMap(({ flag, value }) => [
    `      ${flag}) ${complete(value!)} ;;`,
    ...(value?.kind === 'device' ? [`      ${flag}:) ${complete({ kind: 'file' })} ;;`] : []),
  ])
  const operands = commands.flatMap(command =>
    command.operands.map((words, n) => `      ${command.name}/${n}) ${complete({ kind: 'words', words })} ;;`),
  )
  const flags = options.map(({ flag }) => flag)
  const names = commands.map(command => command.name)
  return `${fn}() {
  local IFS=$'\\n' cur="\${COMP_WORDS[COMP_CWORD]}" last='' option='' command='' operand=0 word i
  COMPREPLY=()
  # option: the one whose value comes next. bash takes "--route=direct" and "file:heard.wav" apart.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ "$word" == '=' ]]; then [[ $i == "$COMP_CWORD" ]] && cur=''
    elif [[ "$word" == ':' ]]; then
      option="$last:"
      [[ $i == "$COMP_CWORD" ]] && cur=''
    elif [[ $i == "$COMP_CWORD" ]]; then break
    elif [[ -n "$option" ]]; then option=''
    else
      case "$word" in
        ${taking.map(({ flag }) => flag).join('|')}) last="$word" option="$word" ;;
        -*) ;;
        *) if [[ -z "$command" ]]; then command="$word"; else ((operand++)); fi ;;
      esac
    fi
  done
  if [[ -n "$option" ]]; then
    case "$option" in
${values.join('\n')}
    esac
  elif [[ "$cur" == -* || -z "$command" ]]; then
    ${words([...names, ...flags])}
  else
    case "$command/$operand" in
${[...operands, '      *) ;;'].join('\n')}
    esac
  fi
}
complete -F ${fn} ${name}
`
}

function complete(value: Value): string {
  switch (value.kind) {
    case 'words':
      return words(value.words)
    case 'device':
      return `${words([...value.words, 'file:'])}; [[ "\${COMPREPLY[*]}" == 'file:' ]] && compopt -o nospace 2>/dev/null`
    case 'file':
      return 'COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null'
    case 'folder':
      return 'COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null'
    case 'text':
      return ':'
  }
}

function words(all: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(all)} -- "$cur"))`
}

/** One word for compgen -W, which takes it apart at line ends. */
function quoted(all: readonly string[]): string {
  return `$'${all.map(word => word.replace(/[\\']/g, '\\$&')).join('\\n')}'`
}
