/** JSON that carries bytes. */
import { fromBase64url, toBase64url } from '../../protocol/index.js'

export function pack(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? { base64url: toBase64url(part) } : part,
  )
}

/** The caller knows what it is. */
export function unpack<T>(text: string): T {
  return JSON.parse(text, (_, part: unknown) =>
    typeof part === 'object' && part !== null && 'base64url' in part ? fromBase64url(String(part.base64url)) : part,
  ) as T
}
