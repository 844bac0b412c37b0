/** Addresses as the server counts them. */
import { isIPv4, isIPv6 } from 'node:net'

/** The address that limits count: an IPv4 address, or an IPv6 /64 (one household has that many). */
export function limitKey(address: string): string {
  const plain = unmapped(address)
  return isIPv6(plain) ? `${groups(plain).slice(0, 4).join(':')}::/64` : plain
}

export function isLoopback(address: string): boolean {
  const plain = unmapped(address)
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain)
}

/** The bytes of an address: 4 of an IPv4 one, also of one inside an IPv6 address (RFC 4291, section 2.5.5.2), else 16. */
export function addressBytes(address: string): Uint8Array | null {
  const plain = unmapped(address)
  if (isIPv4(plain)) return Uint8Array.from(plain.split('.'), Number)
  if (!isIPv6(plain)) return null
  const bytes = Uint8Array.from(groups(plain).flatMap(group => [Number(`0x${group}`) >> 8, Number(`0x${group}`) & 255]))
  const mapped = bytes.subarray(0, 10).every(byte => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return mapped ? bytes.slice(12) : bytes
}

/** An IPv4 address inside an IPv6 one, as dual-stack sockets report it, without its wrapping; no zone. */
function unmapped(address: string): string {
  const plain = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)
  return mapped ? mapped[1]! : plain
}

/** The eight groups of an IPv6 address, in lower-case hex without leading zeros. */
function groups(address: string): string[] {
  const whole = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [256 * Number(a) + Number(b), 256 * Number(c) + Number(d)].map(n => n.toString(16)).join(':'),
  )
  const [head = '', tail] = whole.split('::')
  const split = (text: string) => (text === '' ? [] : text.split(':'))
  const left = split(head)
  const right = tail === undefined ? [] : split(tail)
  const middle = tail === undefined ? [] : Array(8 - left.length - right.length).fill('0')
  return [...left, ...middle, ...right].map(group => Number.parseInt(group, 16).toString(16))
}
