/** Notices that this machine came to other networks: Wi-Fi to cable, a VPN, a sleep. Node's alone. */
import { networkInterfaces } from 'node:os'

/** How often it looks, ms; and how late a look is after a sleep. */
const EACH_MS = 1_000
const ASLEEP_MS = 5_000

/** Calls `changed` after each change, until the function that it returns is called. */
export function watchAddresses(changed: () => void): () => void {
  let known = addresses()
  let lookedAt = Date.now()
  const timer = setInterval(() => {
    const [now, at] = [addresses(), Date.now()]
    const slept = at - lookedAt > EACH_MS + ASLEEP_MS
    lookedAt = at
    if (now === known && !slept) return
    known = now
    changed()
  }, EACH_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** All in one text. Temporary IPv6 addresses come and go by themselves, and take nothing with them at once: their networks count. */
function addresses(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list
      .filter(({ internal }) => !internal)
      .map(({ address, family, netmask }) => `${name} ${family === 'IPv6' ? network64(address) : address} ${netmask}`),
  )
  return [...new Set(all)].sort().join('\n')
}

/** The first half of an IPv6 address, which names the network. */
function network64(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]!.split('::')
  const groups = head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':')
}
