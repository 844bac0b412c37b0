/** What a Dockerfile says, done without Docker: each stage on this machine's own files, with changes in memory. */
import { readFileSync } from 'node:fs'

export interface Instruction {
  readonly name: string
  readonly text: string
}

export function instructionsOf(path: string): Instruction[] {
  const lines = readFileSync(path, 'utf8').replaceAll('\\\n', ' ').split('\n')
  return lines
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(line => {
      const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
      return { name, text }
    })
}

/** The program and its arguments, where they are written as JSON. */
export function exec(instructions: readonly Instruction[], name: string): string[] {
  const text = instructions.findLast(each => each.name === name)?.text ?? ''
  return JSON.parse(text.slice(text.indexOf('[')))
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/**
 * Shell lines for `sh -eu` in a mount namespace of its own, with $work (an empty folder) and $context (the checkout) set: they build
 * all stages and become the program of ENTRYPOINT with the arguments "$@". In place of the image of FROM is this machine, with a user
 * `node`, whom those images have.
 */
export function buildAndRun(instructions: readonly Instruction[]): string {
  const lines = ['mount --make-rprivate /', 'mount -t tmpfs tmpfs "$work"']
  const stages = new Map<string, number>()
  let [stage, folder, user] = [-1, '/', 'root']
  let env: string[] = []
  const within = (command: string) =>
    `chroot --userspec=${user} "$work/${stage}/root" env ${env.map(quoted).join(' ')} sh -euc ${quoted(`cd ${folder}; ${command}`)}`
  for (const { name, text } of instructions)
    switch (name) {
      case 'FROM':
        stage++
        stages.set(/ AS (\w+)$/.exec(text)?.[1] ?? '', stage)
        ;[folder, user, env] = ['/', 'root', []]
        lines.push(
          `cd "$work" && mkdir ${stage} ${stage}/changes ${stage}/work ${stage}/root && cd ${stage}`,
          'mount -t overlay overlay -o lowerdir=/,upperdir=changes,workdir=work root',
          'mount -t proc proc root/proc && mount --rbind /dev root/dev',
          "grep -q ^node: root/etc/passwd || { echo 'node:x:1000:1000::/nowhere:/bin/sh' >>root/etc/passwd; echo node:x:1000: >>root/etc/group; }",
        )
        break
      case 'WORKDIR':
        folder = text
        lines.push(`rm -rf "$work/${stage}/root${folder}" && mkdir -p "$work/${stage}/root${folder}"`)
        break
      case 'COPY':
        lines.push(...copy(text))
        break
      case 'ENV':
        env.push(...text.split(' '))
        break
      case 'USER':
        user = `${text}:${text}`
        break
      case 'RUN':
        lines.push(within(text))
        break
      case 'ENTRYPOINT':
        lines.push(`exec ${within(`exec ${(JSON.parse(text) as string[]).map(quoted).join(' ')} "$@"`)} program "$@"`)
        break
      default:
        if (!/^(VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK)$/.test(name)) throw new Error(`${name}: not done here`)
    }
  return lines.join('\n')

  /** A folder's content goes into the target, a file to where the target is a folder. */
  function copy(text: string): string[] {
    const [, from, paths = ''] = /^(?:--from=(\w+) )?(.*)$/.exec(text) ?? []
    const source = from === undefined ? '$context' : `$work/${stages.get(from)}/root`
    const all = paths.split(' ')
    const target = `"$work/${stage}/root${folder}/${all.at(-1)}"`
    return all.slice(0, -1).map(path => {
      const one = `"${source}/${path}"`
      return `mkdir -p ${target}; if [ -d ${one} ]; then cp -R ${one}/. ${target}; else cp ${one} ${target}; fi`
    })
  }
}
