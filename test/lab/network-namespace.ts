import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'

/** Names are vclab-PID-RANDOM-PLACE: so those of killed runs can be told. */
const NAME = /^vclab-(\d+)-[0-9a-f]+-/
const FOLDER = '/run/netns'

/** What the names of one lab's namespaces begin with. */
export const labPrefix = () => `vclab-${process.pid}-${randomBytes(4).toString('hex')}-`

export interface NamespaceOptions {
  /** False if not given. */
  readonly forwards?: boolean
  /** False if not given. */
  readonly ipv6?: boolean
}

/** Shell lines that make one. Settings are written each: it may take over those of the machine. */
export const namespace = (name: string, { forwards = false, ipv6 = false }: NamespaceOptions = {}): string => `
  ip netns add ${name}
  ip netns exec ${name} sh -e -c '
    cd /proc/sys/net
    echo ${forwards ? 1 : 0} >ipv4/ip_forward
    if ${ipv6 ? 'true' : '[ -e ipv6 ]'}; then
      cd ipv6/conf
      echo ${ipv6 ? 0 : 1} | tee all/disable_ipv6 default/disable_ipv6
      # Whether another has an address already is asked for a second or two.
      echo 0 | tee all/accept_dad default/accept_dad
      echo ${forwards ? 1 : 0} | tee all/forwarding default/forwarding
    fi' >/dev/null
  ip -n ${name} link set lo up`

export const namespaces = (): string[] => (existsSync(FOLDER) ? readdirSync(FOLDER) : [])

/** Runs a program to its end, now; throws what it said when it fails. */
export function run([program, ...args]: readonly [string, ...string[]], input = ''): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', timeout: 20_000 })
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr.trim()}`)
  return stdout
}

/** Kills what runs in it, then takes it away; with it go its devices, addresses and rules. Does not fail. */
export function remove(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8', timeout: 5000 })
  for (const pid of (stdout ?? '').split('\n').map(Number)) if (pid > 1 && pid !== process.pid) signal(pid, 'SIGKILL')
  spawnSync('ip', ['netns', 'del', name], { timeout: 5000, stdio: 'ignore' })
}

/** Takes away what test processes left that were killed. */
export function sweep(): void {
  for (const name of namespaces()) {
    const pid = Number(NAME.exec(name)?.[1])
    if (pid > 0 && !signal(pid, 0)) spawnSync('ip', ['netns', 'del', name], { timeout: 5000, stdio: 'ignore' })
  }
}

function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what)
  } catch (error) {
    // Another user's process exists too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Null if namespaces with these nftables rules, and with IPv6 if asked for, can be made here, else the reason why not. */
export function whyNot(name: string, rules: string, ipv6: boolean): string | null {
  if (process.platform !== 'linux') return 'network namespaces: only on Linux'
  if (process.getuid?.() !== 0) return 'network namespaces: only as root'
  const tools = [['ip', '-V'] as const, ['nft', '--version'] as const, ['python3', '--version'] as const]
  const missing = tools.filter(([tool, how]) => spawnSync(tool, [how], { stdio: 'ignore' }).status !== 0)
  if (missing.length) {
    return `not installed: ${missing.map(([tool]) => tool).join(', ')} (Debian: iproute2, nftables, python3)`
  }
  if (ipv6 && !existsSync('/proc/sys/net/ipv6')) return 'this machine has no IPv6'
  const script = `${namespace(name, { forwards: true, ipv6 })}
    ip -n ${name} link add one type veth peer name other
    ip -n ${name} link add net0 type bridge
    ${ipv6 ? `ip -n ${name} address add 2001:db8::1/64 dev net0` : ''}
    ip -n ${name} tuntap add wan mode tap
    ip netns exec ${name} nft -f -`
  try {
    run(['sh', '-e', '-c', script], rules)
    return null
  } catch (error) {
    return `network namespaces are not allowed: ${(error as Error).message.split('\n')[0]}`
  } finally {
    remove(name)
  }
}
