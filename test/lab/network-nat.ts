export type NatKind = 'ordinary' | 'symmetric' | 'udpBlocked'

/**
 * nftables rules of a home's router, whose device to the public network is called wan. What comes in must belong to what went out, also for
 * the router itself: else an early packet of a hole punch would leave an entry there that takes the port away from the hole.
 */
export const rules = (nat: NatKind): string => `
table ip lab {
  chain gate {
    ${nat === 'udpBlocked' ? DROP : ''}
  }
  chain passing {
    type filter hook forward priority 0
    jump gate
    oifname wan ct state invalid drop
    iifname wan ct state { established, related } accept
    iifname wan drop
  }
  chain arriving {
    type filter hook input priority 0
    iifname wan ct state { established, related } accept
    iifname wan drop
  }
  chain leaving {
    type nat hook postrouting priority 100
    ${nat === 'symmetric' ? 'oifname wan meta l4proto { tcp, udp } masquerade to :20000-60000 fully-random' : ''}
    oifname wan masquerade
  }
}
`

const DROP = 'meta l4proto udp drop'

/** Opens or closes the way of all UDP, whatever the NAT kind; the gate comes before the rule for established connections. */
export const gate = (udpPasses: boolean): string =>
  `flush chain ip lab gate\n${udpPasses ? '' : `add rule ip lab gate ${DROP}\n`}`
