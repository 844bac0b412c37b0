import type { LinkQuality } from './network-cable.js'
import { namespace } from './network-namespace.js'
import type { NatKind } from './network-nat.js'
import { address, address6, announce6, type Ends, type Ends6, type Uplink, uplink } from './network-uplink.js'

export type HomeName = 'a' | 'b'

export interface HomeOptions {
  /** Of IPv4; 'ordinary' if not given. */
  nat?: NatKind
  /** Between this home and the public network, each way; null or not given: a clean veth. */
  link?: LinkQuality | null
  /** The host has a public IPv6 address too, without NAT, and with the same firewall; 'dead': and no answer ever comes to it. */
  ipv6?: boolean | 'dead'
  /** The host has an interface more, up and with addresses, that leads nowhere; in all homes it is in the same network. */
  deadVpn?: boolean
  /** The host has a second interface to a second router, IPv4 only, which it uses once the first is unplugged. */
  secondUplink?: boolean
}

/** A host and its routers, as shell lines that make and change them. */
export class Home {
  readonly options: HomeOptions
  readonly #name: HomeName
  readonly #first: Uplink
  readonly #second: Uplink
  #moves = 0

  /** `prefix`: of the names of its lab's namespaces. */
  constructor(prefix: string, name: HomeName, options: HomeOptions) {
    this.options = options
    this.#name = name
    const common = { host: `${prefix}${name}`, pub: `${prefix}pub` }
    this.#first = { ...common, router: `${prefix}router-${name}`, device: 'eth0', outside: `home-${name}`, metric: 100 }
    this.#second = {
      ...common,
      router: `${prefix}second-${name}`,
      device: 'eth1',
      outside: `second-${name}`,
      metric: 200,
    }
  }

  /** The namespace of the host. */
  get host(): string {
    return this.#first.host
  }

  /** The namespace of its first router. */
  get router(): string {
    return this.#first.router
  }

  /** Both ends of a cable between that and the public network. */
  get cable(): readonly [string, string] {
    return [`${this.router}/wan`, `${this.#first.pub}/${this.#first.outside}`]
  }

  get ends(): Ends {
    return endsOf(this.#name, this.#moves)
  }

  get ends6(): Ends6 {
    return ends6Of(this.#name, this.#moves)
  }

  get secondEnds(): Ends {
    return secondEndsOf(this.#name)
  }

  /** Makes it. The public network is there. */
  lines(): string {
    const { nat = 'ordinary', link, deadVpn = false, secondUplink = false } = this.options
    const ipv6 = !!this.options.ipv6
    const second = [uplink(this.#second, { nat, ipv6: false, cabled: false }), address(this.#second, this.secondEnds)]
    return `
      ${namespace(this.host, { ipv6 })}
      ${uplink(this.#first, { nat, ipv6, cabled: !!link })}
      ${this.#addresses()}
      ${secondUplink ? second.join('\n') : ''}
      ${deadVpn ? vpn(this.host, this.#name === 'a' ? 2 : 3, ipv6) : ''}`
  }

  /** Other addresses, private and public; with IPv6, another network. */
  move(): string {
    const { host, router } = this
    const old = this.ends.router
    this.#moves++
    // Masquerade forgets the connections of a public address that goes.
    return `
      ip -n ${host} address flush dev eth0 scope global
      ip -n ${router} address flush dev lan scope global
      ip -n ${router} address del ${old}/24 dev wan
      ${this.#addresses()}
      ip -n ${router} address add ${old}/32 dev wan`
  }

  /** Takes the host's first interface down. */
  unplug(): string {
    return `ip -n ${this.host} link set ${this.#first.device} down`
  }

  #addresses(): string {
    const { ipv6 = false } = this.options
    return [
      address(this.#first, this.ends),
      ipv6 ? address6(this.#first, this.ends6) : '',
      ipv6 === true ? announce6(this.#first, this.ends6) : '',
    ].join('\n')
  }
}

/** After so many moves. */
function endsOf(home: HomeName, moves: number): Ends {
  const [second, last] = home === 'a' ? [10, 10] : [110, 130]
  const net = `10.${second + (moves % 100)}.1`
  return { host: `${net}.2`, gateway: `${net}.1`, router: `203.0.113.${last + (moves % 100)}` }
}

function ends6Of(home: HomeName, moves: number): Ends6 {
  const net = `2001:db8:${home}:${(moves + 1).toString(16)}`
  return { host: `${net}::2`, gateway: `${net}::1`, router: `2001:db8::${home}`, prefix: `2001:db8:${home}::/48` }
}

function secondEndsOf(home: HomeName): Ends {
  const [second, last] = home === 'a' ? [1, 2] : [2, 3]
  return { host: `10.${second}.1.2`, gateway: `10.${second}.1.1`, router: `203.0.113.${last}` }
}

/** Nobody asks who is there, and nobody takes what is sent: no error comes, as in a tunnel whose other end is gone. */
const vpn = (host: string, number: number, ipv6: boolean) => `
  ip -n ${host} link add vpn0 arp off type veth peer name far-end
  ip -n ${host} address add 100.64.0.${number}/24 dev vpn0
  ${ipv6 ? `ip -n ${host} address add fd00:64::${number}/64 dev vpn0` : ''}
  ip -n ${host} link set vpn0 up
  ip -n ${host} link set far-end up`
