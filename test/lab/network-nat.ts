export type NatKind = 'ordinary' | 'symmetric' | 'udpBlocked'

/**
 * nftables rules of a home's router, whose device to the public network is called wan. What comes in must belong to what went out, also for
 * the router itself: else an early packet of a hole punch would leave an entry there that takes the port away from the hole. IPv6 needs its
 * neighbours, and no NAT.
 */
export const rules = (nat: NatKind): string => `
table inet lab {
  counter ipv4 { }
  counter ipv6 { }
  chain gate {
    ${nat === 'udpBlocked' ? DROP : ''}
  }
  chain passing {
    type filter hook forward priority 0
    jump gate
    meta l4proto udp meta nfproto ipv4 counter name ipv4
    meta l4proto udp meta nfproto ipv6 counter name ipv6
    oifname wan ct state invalid drop
    iifname wan ct state { established, related } accept
    iifname wan drop
  }
  chain arriving {
    type filter hook input priority 0
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    iifname wan ct state { established, related } accept
    iifname wan drop
  }
  chain leaving {
    type nat hook postrouting priority 100
    meta nfproto ipv6 accept
    ${nat === 'symmetric' ? 'oifname wan meta l4proto { tcp, udp } masquerade to :20000-60000 fully-random' : ''}
    oifname wan masquerade
  }
}
`

const DROP = 'meta l4proto udp drop'

/** Opens or closes the way of all UDP, whatever the NAT kind; the gate comes before the rule for established connections. */
export const gate = (udpPasses: boolean): string =>
  `flush chain inet lab gate\n${udpPasses ? '' : `add rule inet lab gate ${DROP}\n`}`

/** UDP packets that came to pass, both ways, by family. */
export interface UdpCounts {
  readonly ipv4: number
  readonly ipv6: number
}

/** Reads what `nft list counters` says. */
export function countsIn(text: string): UdpCounts {
  const of = (name: string) => Number(new RegExp(`counter ${name} \\{\\s+packets (\\d+)`).exec(text)?.[1])
  return { ipv4: of('ipv4'), ipv6: of('ipv6') }
}
