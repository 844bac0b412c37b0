/** Proxies in front of the server, and whose address counts when a connection comes through them. */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { isLoopback } from './address.js'
import { ServerProblem } from './server-problem.js'

export class Proxies {
  readonly #trusted = new BlockList()

  /** `networks`: addresses, or networks as 10.0.0.0/8. Those of this machine are trusted anyway. Throws a ServerProblem `badTrustedProxy`. */
  constructor(networks: readonly string[] = []) {
    for (const network of networks) {
      const subnet = subnetOf(network)
      if (!subnet)
        throw new ServerProblem(
          'badTrustedProxy',
          `"${network}" is neither an address nor a network.`,
          'Write the proxy as 10.0.0.5 or fd00::5, or its network as 10.0.0.0/24 or fd00::/64.',
        )
      this.#trusted.addSubnet(subnet.address, subnet.length, familyOf(subnet.address))
    }
  }

  trusts(address: string): boolean {
    if (isLoopback(address)) return true
    const plain = address.replace(/%.*$/, '')
    return isIP(plain) !== 0 && this.#trusted.check(plain, familyOf(plain))
  }

  /** The address of whoever sent this: what X-Forwarded-For says counts only as far back as trusted proxies have written it. */
  clientOf({ socket, headers }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    const address = socket.remoteAddress ?? ''
    const forwarded = headers['x-forwarded-for']
    if (forwarded === undefined || !this.trusts(address)) return address
    const hops = [forwarded].flat().join(',').split(',').reverse()
    const client = hops.map(hop => hop.trim()).find(hop => !this.trusts(hop)) ?? hops.at(-1)!.trim()
    return isIP(client) ? client : address
  }
}

/** Whether a text is an address or a network. */
export function isNetwork(text: string): boolean {
  return subnetOf(text) !== null
}

function subnetOf(network: string): { address: string; length: number } | null {
  const [address = '', prefix, ...more] = network.split('/')
  const bits = isIPv4(address) ? 32 : 128
  const length = prefix === undefined ? bits : Number(prefix)
  const is = isIP(address) !== 0 && /^\d{1,3}$/.test(prefix ?? '0') && length <= bits && more.length === 0
  return is ? { address, length } : null
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}
