import type { CallKeys } from './key-schedule.js'
import type { Mode } from './messages.js'

/**
 * Why a handshake failed. `badMessage`: not the message due here, or cut off, or changed. `wrongMode`: one side has a password, the
 * other none. `wrongVersion`: another protocol version or cipher suite. `wrongCall`: other ids or another call. `badShare`: not
 * a usable point. `badCommitment`: M3 does not show what M1 promised. `unverified`: the passwords differ, or someone changed a
 * message. `changedKey`: it is not the key that is pinned. `unexpected`: a message after the end.
 */
export type HandshakeFailure =
  | 'badMessage'
  | 'wrongMode'
  | 'wrongVersion'
  | 'wrongCall'
  | 'badShare'
  | 'badCommitment'
  | 'unverified'
  | 'changedKey'
  | 'unexpected'

/** What to do after a message. `send`: for the other side; on 'failed' it lets the other side see the reason. */
export type HandshakeStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'done'; readonly keys: CallKeys; readonly send: Uint8Array | null }
  | {
      readonly kind: 'failed'
      readonly reason: HandshakeFailure
      readonly message: string
      readonly send: Uint8Array | null
      /** With `changedKey`: the public key that was shown instead of the pinned one, 32 bytes. */
      readonly seen?: Uint8Array
    }

export function failed(reason: HandshakeFailure, message: string, send: Uint8Array | null = null) {
  return { kind: 'failed', reason, message, send } as const satisfies HandshakeStep
}

export function wrongMode(own: Mode, send: Uint8Array | null = null): HandshakeStep {
  const what =
    own === 'password'
      ? 'You gave a password, the other side gave none'
      : 'The other side gave a password, you gave none'
  return failed('wrongMode', `${what}: give the same one on both sides, or none on both.`, send)
}

export function wrongCall(): HandshakeStep {
  return failed('wrongCall', 'The message belongs to another call.')
}

export function badShare(): HandshakeStep {
  return failed('badShare', 'The other side sent a key share that can not be used.')
}

export function unverified(mode: Mode): HandshakeStep {
  const why = mode === 'password' ? 'The two passwords differ, or someone' : 'Someone'
  return failed('unverified', `${why} between the two of you changed the key agreement. Nothing was said or played.`)
}

/** `seen`: its public key. Nothing is sent: whoever is not the one that is known learns no more. */
export function changedKey(seen: Uint8Array): HandshakeStep {
  return { ...failed('changedKey', 'The other side has another key than the one that is known.'), seen: seen.slice() }
}
