import { namespace } from './network-namespace.js'
import { type NatKind, rules } from './network-nat.js'

/** The server in the public network. */
export const SERVER = { ipv4: '203.0.113.1', ipv6: '2001:db8::1' } as const

/** A host's way to the public network: a router, which does NAT for IPv4 and is a firewall. */
export interface Uplink {
  /** Namespaces. */
  readonly host: string
  readonly router: string
  readonly pub: string
  /** The host's device. */
  readonly device: string
  /** The public network's device. */
  readonly outside: string
  /** Of two ways the host takes the one with the lower metric. */
  readonly metric: number
}

export interface Ends {
  readonly host: string
  readonly gateway: string
  readonly router: string
}

/** IPv6 without NAT: the host has a public address, of a prefix that is the router's. */
export interface Ends6 extends Ends {
  readonly prefix: string
}

export interface UplinkOptions {
  readonly nat: NatKind
  readonly ipv6: boolean
  /** The router's public device and its other end wait for a cable. */
  readonly cabled: boolean
}

/** Shell lines that make one, without addresses. Host and public network are there. */
export const uplink = (
  { host, router, pub, device, outside }: Uplink,
  { nat, ipv6, cabled }: UplinkOptions,
): string => `
  ${namespace(router, { forwards: true, ipv6 })}
  ${
    cabled
      ? `ip -n ${router} tuntap add wan mode tap
      ip -n ${pub} tuntap add ${outside} mode tap`
      : `ip -n ${router} link add wan type veth peer name ${outside} netns ${pub}`
  }
  ip -n ${pub} link set ${outside} master net0 up
  ip -n ${host} link add ${device} type veth peer name lan netns ${router}
  ip -n ${host} link set ${device} up
  ip -n ${router} link set lan up
  ip -n ${router} link set wan up
  ip netns exec ${router} nft -f - <<'RULES'\n${rules(nat)}RULES`

/** Shell lines that give it these addresses, and the host a route. It has no others of the host's network. */
export const address = ({ host, router, device, metric }: Uplink, ends: Ends): string => `
  ip -n ${router} address add ${ends.router}/24 dev wan
  ip -n ${router} route replace default via ${SERVER.ipv4}
  ip -n ${router} address add ${ends.gateway}/24 dev lan
  ip -n ${host} address add ${ends.host}/24 dev ${device}
  ip -n ${host} route replace default via ${ends.gateway} metric ${metric}`

/** The same for IPv6. What is in the prefix and not in the host's network vanishes. */
export const address6 = ({ host, router, device, metric }: Uplink, ends: Ends6): string => `
  ip -n ${router} address replace ${ends.router}/64 dev wan
  ip -n ${router} route replace default via ${SERVER.ipv6}
  ip -n ${router} -6 route replace blackhole ${ends.prefix}
  ip -n ${router} address add ${ends.gateway}/64 dev lan
  ip -n ${host} address add ${ends.host}/64 dev ${device}
  ip -n ${host} route replace default via ${ends.gateway} metric ${metric}`

/** Tells the public network where the prefix is. */
export const announce6 = ({ pub }: Uplink, { prefix, router }: Ends6): string =>
  `ip -n ${pub} route replace ${prefix} via ${router}`
