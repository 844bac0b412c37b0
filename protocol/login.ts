/**
 * Login: the client proves to the server that it holds a key. It signs the server's fresh challenge together with the
 * origin that it dialled, so that a hostile server can't pass the signature on to another server, and together with the id,
 * so that the signature is good for that one name.
 */
import { canonicalId } from './id.js'
import { type Identity, sign, type Verify, verify } from './identity.js'
import { lv } from './length-value.js'

/** What a login signs. */
export interface LoginClaim {
  /** The server as the client dialled it, as `originOf` writes it. */
  readonly origin: string
  /** The client's id, in any case. */
  readonly id: string
  /** The server's challenge, 32 bytes. */
  readonly challenge: Uint8Array
  /** The program run's random session, 16 bytes. */
  readonly session: Uint8Array
}

/** The signature of a login: 64 bytes. */
export function signLogin(identity: Identity, claim: LoginClaim): Uint8Array {
  return sign(identity, loginBytes(claim))
}

/** Whether the holder of `publicKey` signed this login. Never throws. `how`: what checks the signature. */
export function verifyLogin(
  publicKey: Uint8Array,
  claim: LoginClaim,
  signature: Uint8Array,
  how: Verify = verify,
): boolean {
  if (claim.challenge.length !== 32 || claim.session.length !== 16) return false
  return how(publicKey, loginBytes(claim), signature)
}

/**
 * The origin of a websocket URL, as in RFC 6454: `wss://host` or `ws://host:port`, host in lower case, without the scheme's own port
 * (ws 80, wss 443), without path, query and user. Null when it isn't a ws: or wss: URL.
 */
export function originOf(url: string): string | null {
  try {
    const { protocol, host } = new URL(url)
    return (protocol === 'ws:' || protocol === 'wss:') && host !== '' ? `${protocol}//${host}` : null
  } catch {
    return null
  }
}

function loginBytes({ origin, id, challenge, session }: LoginClaim): Uint8Array {
  return lv('evc/1 login', origin, canonicalId(id), challenge, session)
}
