import type { IncomingMessage } from 'node:http'
import { isLoopback } from './address.js'

/** What proxies add. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/**
 * Whether a request was made on this machine: it comes from loopback, to a name of loopback (so by no page in a browser that was told that its
 * site is here), and through no proxy that says so. A proxy that says nothing can't be told from a program on this machine.
 */
export function isLocal({ socket, headers }: Pick<IncomingMessage, 'headers'> & RequestSource): boolean {
  if (!isLoopback(socket.remoteAddress ?? '') || FORWARDED.some(name => headers[name] !== undefined)) return false
  const host = (headers.host ?? '').replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || isLoopback(host)
}

interface RequestSource {
  readonly socket: { readonly remoteAddress?: string | undefined }
}
