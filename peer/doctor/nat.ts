/**
 * What one server can tell of the NAT before this machine, by two of its ports asked from one socket. Different ports for
 * them: a NAT that maps each destination anew, for sure ("symmetric"; RFC 4787, section 4.1). The same: an ordinary one, as
 * far as one address shows. No answer at all: UDP does not pass, and nobody can tell from here at which end.
 */
import { isIPv4 } from 'node:net'
import { type Finding, okay, skipped, warning } from './finding.js'
import type { StunOutcome } from './stun.js'
import type { MappedAddress } from './stun-message.js'

export type NatKind = 'local' | 'none' | 'ordinary' | 'symmetric' | 'unknown' | 'udpBlocked'

/** What the answers say. */
export function natKind(outcome: Extract<StunOutcome, { kind: 'asked' }>): NatKind {
  const { mapped, ownAddresses } = outcome.answers
  const [first, second] = mapped
  const seen = first ?? second
  if (!seen) return 'udpBlocked'
  if (ownAddresses.includes(seen.address)) return isPublic(seen.address) ? 'none' : 'local'
  if (!first || !second) return 'unknown'
  if (first.port !== second.port || first.address !== second.address) return 'symmetric'
  return 'ordinary'
}

export function checkNat(outcome: StunOutcome): Finding {
  if (outcome.kind !== 'asked') return skipped('Without STUN nothing is known of the NAT.')
  const [first, second] = outcome.answers.mapped
  switch (natKind(outcome)) {
    case 'udpBlocked':
      return warning(
        'UDP does not pass between here and the server: it is blocked in this network or at the server.',
        'Calls work over the relay. For a direct route use another network, or have UDP allowed in this one.',
      )
    case 'local':
      return okay(
        "The server is in this machine's own network: there is no NAT on the way to it, and nothing is said of the one to the internet.",
      )
    case 'none':
      return okay('No NAT: this machine has a public address. A direct route should work.')
    case 'ordinary':
      return okay(
        `An ordinary NAT, as far as one server can tell: it keeps ${shown(first)} for both ports of the server. A direct route should work.`,
      )
    case 'symmetric':
      return warning(
        `A symmetric NAT: it gives each destination another port (${shown(first)}, ${shown(second)}).`,
        "A direct route works only where the other side's NAT is an ordinary one, or by a TURN server (voicechat-server --turn). Else calls use the relay.",
      )
    case 'unknown':
      return skipped(
        outcome.answers.mapped.length < 2
          ? 'There is a NAT; the server has but one STUN port, which does not show its kind.'
          : 'There is a NAT; only one of the two STUN ports of the server answers, which does not show its kind.',
        'Update the server, and open both UDP ports in its firewall: the one of STUN and the next.',
      )
  }
}

function shown(mapped: MappedAddress | null | undefined): string {
  return mapped ? `${mapped.address}:${mapped.port}` : 'none'
}

/** IPv4 by RFC 1918, RFC 3927, RFC 6598; IPv6 by RFC 4193 and RFC 4291. */
function isPublic(address: string): boolean {
  if (!isIPv4(address)) return !/^(::1$|0:0:0:0:0:0:0:1$|f[cd]|fe[89ab])/i.test(address)
  const [a = 0, b = 0] = address.split('.').map(Number)
  const shared = a === 100 && b >= 64 && b < 128
  return !(
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    shared
  )
}
