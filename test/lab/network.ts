import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type LinkQuality, NetworkCable } from './network-cable.js'
import { Home, type HomeName, type HomeOptions } from './network-home.js'
import { labPrefix, namespace, namespaces, remove, run, sweep, whyNot } from './network-namespace.js'
import { countsIn, gate, type NatKind, rules, type UdpCounts } from './network-nat.js'
import { SERVER } from './network-uplink.js'

export type { HomeName, HomeOptions, LinkQuality, NatKind, UdpCounts }

/** Nobody: packets to addresses that do not exist vanish there without an ICMP error, as they do on the internet. */
const NOBODY = { ipv4: '203.0.113.254', ipv6: '2001:db8::dead', lladdr: '02:00:00:00:00:fe' } as const

/**
 * A public network, and two homes, each a host behind a router that does NAT: Linux namespaces, not connected to the machine's own network.
 * Several can run at once. IPv6 is off everywhere unless a home has it; then the server has it too.
 */
export class NetworkLab {
  static readonly #reasons = new Map<boolean, string | null>()
  readonly serverAddress = SERVER.ipv4
  /** Of use where a home has IPv6. */
  readonly serverAddress6 = SERVER.ipv6
  readonly #prefix = labPrefix()
  readonly #cables: NetworkCable[] = []
  readonly #homes: Readonly<Record<HomeName, Home>>
  readonly #onExit = () => this.#remove()

  private constructor({ a = {}, b = {} }: { a?: HomeOptions; b?: HomeOptions }) {
    this.#homes = { a: new Home(this.#prefix, 'a', a), b: new Home(this.#prefix, 'b', b) }
    process.on('exit', this.#onExit)
  }

  /** Null if labs, with IPv6 if asked for, can be set up here, else the reason why not. It tries once. */
  static available({ ipv6 = false } = {}): string | null {
    const reasons = NetworkLab.#reasons
    if (!reasons.has(ipv6)) reasons.set(ipv6, whyNot(`${labPrefix()}try`, rules('symmetric'), ipv6))
    return reasons.get(ipv6) ?? null
  }

  /** Rejects with what the system said, and leaves nothing behind, when it cannot be set up. */
  static async start(homes: { a?: HomeOptions; b?: HomeOptions } = {}): Promise<NetworkLab> {
    sweep()
    const lab = new NetworkLab(homes)
    try {
      await lab.#setUp()
      return lab
    } catch (error) {
      await lab.stop()
      throw error
    }
  }

  /** What to put before a program and its arguments so that it runs there. */
  within(place: HomeName | 'server'): readonly string[] {
    return ['ip', 'netns', 'exec', place === 'server' ? this.#pub : this.#homes[place].host]
  }

  /** The host's private address now. */
  address(home: HomeName): string {
    return this.#homes[home].ends.host
  }

  /** The host's IPv6 address now, if it has one: public, behind the router's firewall. */
  address6(home: HomeName): string {
    return this.#homes[home].ends6.host
  }

  /** The router's public address now. */
  publicAddress(home: HomeName): string {
    return this.#homes[home].ends.router
  }

  /** The public address of the second router, if there is one. */
  secondAddress(home: HomeName): string {
    return this.#homes[home].secondEnds.router
  }

  /** Processes that carry the packets of impaired links, for measuring them. */
  get cablePids(): number[] {
    return this.#cables.flatMap(({ pid }) => pid ?? [])
  }

  /** Lets all UDP between this home and the public network pass its first router or not, at once, also that of connections that exist. */
  setUdp(home: HomeName, passes: boolean): void {
    run(['ip', 'netns', 'exec', this.#homes[home].router, 'nft', '-f', '-'], gate(passes))
  }

  /** UDP packets that came to the home's first router so far, both ways. */
  udpCounts(home: HomeName): UdpCounts {
    return countsIn(run(['ip', 'netns', 'exec', this.#homes[home].router, 'nft', 'list', 'counters']))
  }

  /**
   * The host gets another private address and the router another public one, as when it changes its Wi-Fi. Old connections hear nothing more,
   * not even a reset: the router keeps the old public address only to swallow what is sent there.
   */
  move(home: HomeName): void {
    run(['sh', '-e', '-c', this.#homes[home].move()])
  }

  /** The host's first interface goes down. What it has besides stays. */
  unplug(home: HomeName): void {
    run(['sh', '-e', '-c', this.#homes[home].unplug()])
  }

  /** Removes all of it and kills what still runs in it. */
  async stop(): Promise<void> {
    this.#remove()
    process.off('exit', this.#onExit)
    await Promise.all(this.#cables.map(cable => cable.stop()))
  }

  async #setUp(): Promise<void> {
    const [pub, homes] = [this.#pub, Object.values(this.#homes)]
    const ipv6 = homes.some(({ options }) => options.ipv6)
    const script = [
      namespace(pub, { ipv6 }),
      `ip -n ${pub} link add net0 address 02:00:00:00:00:01 type bridge
      ip -n ${pub} address add ${SERVER.ipv4}/24 dev net0
      ip -n ${pub} link set net0 up
      ip -n ${pub} neigh add ${NOBODY.ipv4} lladdr ${NOBODY.lladdr} nud permanent dev net0
      ip -n ${pub} route add default via ${NOBODY.ipv4}`,
      ipv6 ? public6(pub) : '',
      ...homes.map(home => home.lines()),
    ].join('\n')
    await promisify(execFile)('sh', ['-e', '-c', script], { timeout: 20_000 }).catch(({ stderr }) => {
      throw new Error(`the network lab does not start: ${stderr}`)
    })
    for (const { options, cable } of homes) if (options.link) this.#cables.push(new NetworkCable(cable, options.link))
    await Promise.all(this.#cables.map(cable => cable.ready()))
  }

  get #pub(): string {
    return `${this.#prefix}pub`
  }

  /** Synchronous, for the end of the process too. */
  #remove(): void {
    for (const cable of this.#cables) cable.kill()
    for (const name of namespaces()) if (name.startsWith(this.#prefix)) remove(name)
  }
}

/** There the public network itself knows the way to each home; for IPv4 their routers are all in one network. */
const public6 = (pub: string) => `
  ip netns exec ${pub} sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
  ip -n ${pub} address add ${SERVER.ipv6}/64 dev net0
  ip -n ${pub} neigh add ${NOBODY.ipv6} lladdr ${NOBODY.lladdr} nud permanent dev net0
  ip -n ${pub} route add default via ${NOBODY.ipv6}`
