import { type Defence, defence } from './defence.js'

const AGREEMENT = 'peer/call/agreement.js'
const GUESSES = 'peer/trust/guesses.js'
const ASKED = "(this.#handshake.awaitsConfirmation || (isB && this.#mode === 'code')) && "

export const trustDefences: readonly Defence[] = [
  defence(6, 'M3 is counted when it is sent', [AGREEMENT, ASKED, "(isB && this.#mode === 'code') && "]),
  defence(6, 'a guess is counted before side b judges it', [
    AGREEMENT,
    "if (isB && this.#answered && this.#mode === 'password' && !this.#isAllowed())",
    'if (false)',
  ]),
  defence(6, 'the count is kept on disk', [
    'peer/trust/guess-file.js',
    'counted: [...change(before?.counted ?? [])]',
    'counted: (change(before?.counted ?? []), [])',
  ]),
  defence(6, 'what is taken back is the one guess that was none', [
    GUESSES,
    "if (settled.kind === 'attempt')",
    'if (true)',
  ]),
  defence(7, 'guesses are counted in all, too', [
    GUESSES,
    '[freeAt(ofPair, pair), freeAt(ofKind, all)]',
    '[freeAt(ofPair, pair)]',
  ]),
  defence(7, 'an id counts in any letters', [GUESSES, 'peer: canonicalId(peerId)', 'peer: peerId']),
  defence(13, 'each M3 and each M2 of a call by code counts as a try', [AGREEMENT, ASKED, 'false && ']),
  defence(14, 'side a compares the key with the one that it knows', [
    'protocol/handshake/initiator.js',
    'pinned && !equalBytes(m2.identity, pinned)',
    'false',
  ]),
  defence(14, 'side b compares the key with the one that it knows', [
    'protocol/handshake/responder.js',
    'pinned && !equalBytes(m3.identity, pinned)',
    'false',
  ]),
  defence(14, 'a key that is known stays', [
    'peer/trust/contacts.js',
    'if (!this.#contacts.has(canonical))',
    'if (true)',
  ]),
]
