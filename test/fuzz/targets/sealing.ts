/**
 * Frames from the network: made up, sealed by the other side with any header and any content, changed on the way, repeated. Two openers: one
 * gets all of it, the other only what the first one opened. They must never differ: what is refused changes nothing.
 */
import { isDeepStrictEqual } from 'node:util'
import { nodeAead } from '../../../peer/node-aead.js'
import { EPOCHS_AHEAD, Epoch } from '../../../protocol/epoch-chain.js'
import { type CallKeys, Opener } from '../../../protocol/index.js'
import { decodePacket, encodePacket } from '../../../protocol/packet.js'
import { SEALED_BYTES } from '../../../protocol/sealing.js'
import { SFRAME_TAG_BYTES, SframeKey, sframeHeaderSize } from '../../../protocol/sframe.js'
import { callKeys } from '../../protocol/handshake/pair.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'
import { packets } from './packet.js'

/** Small, so that inputs come to the ends of epochs. */
const FRAMES_PER_EPOCH = 40
const EPOCHS = 8
const MOST_STEPS = 16
const options = { aead: nodeAead, framesPerEpoch: FRAMES_PER_EPOCH }

/** Frozen: each opener takes a copy's chains over. */
const { a, b } = callKeys()
const copyOf = (keys: CallKeys): CallKeys => structuredClone(keys)

/** The other side's keys of its first epochs, and some under which nothing was ever agreed. */
const chains = { media: b.chains.media.send.slice(), control: b.chains.control.send.slice() }
const keys = [
  ...epochKeys(chains.media, 1),
  ...epochKeys(chains.control, 3),
  new SframeKey(5, 1n, new Uint8Array(32), nodeAead),
  new SframeKey(5, 0n, new Uint8Array(32), nodeAead),
]
const authentic = 2 * EPOCHS

function epochKeys(chain: Uint8Array, lane: 1 | 3): SframeKey[] {
  const found: SframeKey[] = []
  for (let epoch = new Epoch(chain, lane, 0, nodeAead); found.length < EPOCHS; epoch = epoch.next())
    found.push(epoch.key)
  return found
}

export const target: Target = {
  files: ['protocol/sealing.js', 'protocol/epoch-chain.js', 'protocol/replay-window.js', 'protocol/sframe.js'],
  maxBytes: 400,
  batch: 64,
  samples: [
    [0, 0, 0, 0, 8, 0, 1, 8, 0, 2],
    [0, 8, 0, 3, 0, 1, 0, 0, 5, 0, 0],
    [0, 4, 0, 1, 0, 1, 2, 0, 1],
    [1, 0, 0, 3, 0, 0, 2, 0, 0],
  ].map(choices => Uint8Array.from(choices)),
  run(input) {
    const choices = new Choices(input)
    const [all, chosen] = [new Opener(copyOf(a), options), new Opener(copyOf(a), options)]
    const sealed = new Map<string, Uint8Array>()
    const opened = new Set<string>()
    const frames: Uint8Array[] = []
    const words = new Set<string>()
    for (let n = 0; n < MOST_STEPS && !choices.done; n++) {
      const frame = nextFrame(choices, frames, sealed)
      const result = all.open(frame)
      const name = hex(frame)
      words.add(result.ok ? `${result.value.stream} ${result.value.fresh}` : result.error.name)
      const content = sealed.get(name)
      if (!result.ok) {
        holds(result.error.name !== 'badPacket' || content !== undefined, 'looks into no frame that was not sealed')
        if (result.error.name !== 'badPacket') continue
      }
      holds(content !== undefined, 'opens only what was sealed')
      holds(isDeepStrictEqual(chosen.open(frame), result), 'what was refused changed nothing')
      if (!result.ok) continue
      const packet = decodePacket(content)
      holds(packet.ok && isDeepStrictEqual(packet.value, result.value.packet), 'gives what was sealed')
      holds(!(result.value.fresh && opened.has(name)), 'a frame is fresh once')
      opened.add(name)
    }
    return [...words].sort().slice(0, 2).join(' ')
  },
}

/** What comes next: bytes of the input's own, one of before again, as it was or changed, or a new one. */
function nextFrame(choices: Choices, frames: Uint8Array[], sealed: Map<string, Uint8Array>): Uint8Array {
  const what = choices.below(6)
  const before = frames[choices.byte() % Math.max(1, frames.length)]
  if (what === 1) return choices.bytes(choices.below(160))
  if (what === 2 && before) return before
  if (what === 3 && before) {
    const changed = before.slice()
    changed[choices.byte() % changed.length]! ^= choices.byte()
    return changed
  }
  if (what === 4 && before) return before.slice(0, choices.byte())
  // New frames get keys and counters as the choices say.
  const index = choices.byte() % keys.length
  const key = keys[index]!
  const counter = BigInt(choices.byte() % (FRAMES_PER_EPOCH + 4))
  const plaintext = new Uint8Array(SEALED_BYTES - sframeHeaderSize(key.kid, counter) - SFRAME_TAG_BYTES)
  const packet = choices.byte() % (packets.length + 1)
  plaintext.set(
    packet < packets.length ? encodePacket(packets[packet]!).subarray(0, plaintext.length) : choices.bytes(8),
  )
  const frame = key.seal(counter, plaintext, a.callId)
  frames.push(frame)
  if (index < authentic) sealed.set(hex(frame), plaintext)
  return frame
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

holds(EPOCHS > EPOCHS_AHEAD + 2, 'there are epochs that are too far ahead')
