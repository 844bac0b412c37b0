import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { type LinkQuality, NetworkCable } from './network-cable.js'
import { namespace, namespaces, remove, run, sweep, whyNot } from './network-namespace.js'
import { gate, type NatKind, rules } from './network-nat.js'

export type { LinkQuality, NatKind }

export type HomeName = 'a' | 'b'

export interface HomeOptions {
  /** 'ordinary' if not given. */
  nat?: NatKind
  /** Between this home and the public network, each way; null or not given: a clean veth. */
  link?: LinkQuality | null
}

const SERVER = '203.0.113.1'
/** Nobody: packets to addresses that do not exist vanish there without an ICMP error, as they do on the internet. */
const NOBODY = '203.0.113.254'
const HOMES = ['a', 'b'] as const

/**
 * A public network, and two homes, each a host behind a router that does NAT: Linux namespaces, not connected to the machine's own network.
 * Several can run at once. IPv6 is off.
 */
export class NetworkLab {
  static #reason: string | null | undefined
  readonly serverAddress = SERVER
  readonly #prefix = prefix()
  readonly #cables: NetworkCable[] = []
  readonly #moves = { a: 0, b: 0 }
  readonly #onExit = () => this.#remove()

  private constructor() {
    process.on('exit', this.#onExit)
  }

  /** Null if labs can be set up here, else the reason why not. It tries once. */
  static available(): string | null {
    // Null is an answer too.
    if (NetworkLab.#reason === undefined) NetworkLab.#reason = whyNot(`${prefix()}try`, rules('symmetric'))
    return NetworkLab.#reason
  }

  /** Rejects with what the system said, and leaves nothing behind, when it cannot be set up. */
  static async start(homes: { a?: HomeOptions; b?: HomeOptions } = {}): Promise<NetworkLab> {
    sweep()
    const lab = new NetworkLab()
    try {
      await lab.#setUp(homes)
      return lab
    } catch (error) {
      await lab.stop()
      throw error
    }
  }

  /** What to put before a program and its arguments so that it runs there. */
  within(place: HomeName | 'server'): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name(place === 'server' ? 'pub' : place)]
  }

  /** The host's private address now. */
  address(home: HomeName): string {
    return plan(home, this.#moves[home]).host
  }

  /** The router's public address now. */
  publicAddress(home: HomeName): string {
    return plan(home, this.#moves[home]).router
  }

  /** Processes that carry the packets of impaired links, for measuring them. */
  get cablePids(): number[] {
    return this.#cables.flatMap(({ pid }) => pid ?? [])
  }

  /** Lets all UDP between this home and the public network pass or not, at once, also that of connections that exist. */
  setUdp(home: HomeName, passes: boolean): void {
    run(['ip', 'netns', 'exec', this.#router(home), 'nft', '-f', '-'], gate(passes))
  }

  /**
   * The host gets another private address and the router another public one, as when it changes its Wi-Fi. Old connections hear nothing more,
   * not even a reset: the router keeps the old public address only to swallow what is sent there.
   */
  move(home: HomeName): void {
    const [host, router] = [this.#name(home), this.#router(home)]
    const old = plan(home, this.#moves[home])
    const { host: address, gateway, router: outside } = plan(home, ++this.#moves[home])
    // Masquerade forgets the connections of a public address that goes.
    const script = `
      ip -n ${host} address flush dev eth0
      ip -n ${router} address flush dev lan
      ip -n ${router} address del ${old.router}/24 dev wan
      ip -n ${router} address add ${outside}/24 dev wan
      ip -n ${router} address add ${old.router}/32 dev wan
      ip -n ${router} route replace default via ${SERVER}
      ip -n ${router} address add ${gateway}/24 dev lan
      ip -n ${host} address add ${address}/24 dev eth0
      ip -n ${host} route replace default via ${gateway}
    `
    run(['sh', '-e', '-c', script])
  }

  /** Removes all of it and kills what still runs in it. */
  async stop(): Promise<void> {
    this.#remove()
    process.off('exit', this.#onExit)
    await Promise.all(this.#cables.map(cable => cable.stop()))
  }

  async #setUp(homes: { a?: HomeOptions; b?: HomeOptions }): Promise<void> {
    const pub = this.#name('pub')
    const script = [
      namespace(pub, false),
      `ip -n ${pub} link add net0 address 02:00:00:00:00:01 type bridge
      ip -n ${pub} address add ${SERVER}/24 dev net0
      ip -n ${pub} link set net0 up
      ip -n ${pub} neigh add ${NOBODY} lladdr 02:00:00:00:00:fe nud permanent dev net0
      ip -n ${pub} route add default via ${NOBODY}`,
      ...HOMES.map(home => this.#home(home, homes[home] ?? {})),
    ].join('\n')
    await promisify(execFile)('sh', ['-e', '-c', script], { timeout: 20_000 }).catch(({ stderr }) => {
      throw new Error(`the network lab does not start: ${stderr}`)
    })
    for (const home of HOMES) {
      const link = homes[home]?.link
      if (link) this.#cables.push(new NetworkCable([`${this.#router(home)}/wan`, `${pub}/home-${home}`], link))
    }
    await Promise.all(this.#cables.map(cable => cable.ready()))
  }

  #home(home: HomeName, { nat = 'ordinary', link = null }: HomeOptions): string {
    const [pub, host, router] = [this.#name('pub'), this.#name(home), this.#router(home)]
    const { host: address, gateway, router: outside } = plan(home, 0)
    const wan = link
      ? `ip -n ${router} tuntap add wan mode tap
      ip -n ${pub} tuntap add home-${home} mode tap`
      : `ip -n ${router} link add wan type veth peer name home-${home} netns ${pub}`
    return `
      ${namespace(host, false)}
      ${namespace(router, true)}
      ${wan}
      ip -n ${pub} link set home-${home} master net0 up
      ip -n ${host} link add eth0 type veth peer name lan netns ${router}
      ip -n ${host} address add ${address}/24 dev eth0
      ip -n ${host} link set eth0 up
      ip -n ${host} route add default via ${gateway}
      ip -n ${router} address add ${gateway}/24 dev lan
      ip -n ${router} link set lan up
      ip -n ${router} address add ${outside}/24 dev wan
      ip -n ${router} link set wan up
      ip -n ${router} route add default via ${SERVER}
      ip netns exec ${router} nft -f - <<'RULES'\n${rules(nat)}RULES`
  }

  #name(place: HomeName | 'pub'): string {
    return `${this.#prefix}${place}`
  }

  #router(home: HomeName): string {
    return `${this.#prefix}router-${home}`
  }

  /** Synchronous, for the end of the process too. */
  #remove(): void {
    for (const cable of this.#cables) cable.kill()
    for (const name of namespaces()) if (name.startsWith(this.#prefix)) remove(name)
  }
}

const prefix = () => `vclab-${process.pid}-${randomBytes(4).toString('hex')}-`

/** Addresses of a home after so many moves. */
function plan(home: HomeName, moves: number) {
  const [second, last] = home === 'a' ? [10, 10] : [110, 130]
  const net = `10.${second + (moves % 100)}.1`
  return { host: `${net}.2`, gateway: `${net}.1`, router: `203.0.113.${last + (moves % 100)}` }
}
