/** Bugs that are put into production code on purpose, to see whether the simulated world finds them: mistakes that programmers make. */
import type { Change } from '../broken-build.js'

export interface SeededBug {
  readonly name: string
  /** What is wrong, for people. */
  readonly words: string
  readonly changes: readonly Change[]
}

function bug(
  name: string,
  words: string,
  ...changes: readonly (readonly [file: string, from: string, to: string])[]
): SeededBug {
  return { name, words, changes: changes.map(([file, from, to]) => ({ file, from, to })) }
}

const SETUP = 'peer/call/setup.js'
const LEG = 'protocol/relay-leg.js'

export const seededBugs: readonly SeededBug[] = [
  bug('replay window', 'the window that moves on does not clear its newest place (`<` for `<=`)', [
    'protocol/replay-window.js',
    'c <= counter; c++',
    'c < counter; c++',
  ]),
  bug('replay window, other end', 'the newest frame may come twice (`>=` for `>`)', [
    'protocol/replay-window.js',
    'mark(counter) {',
    'mark(counter) { if (counter === this.#highest) return true;',
  ]),
  bug('forgotten timer', "the direct connection is not closed with the call, and its engine's timers go on", [
    'peer/peer.js',
    'direct.close();',
    '',
  ]),
  bug('goodbye lost', 'the sealed goodbye is never sent', [
    'peer/session/session.js',
    'bye(reason, answer) {',
    'bye(reason, answer) { if (!answer) return;',
  ]),
  bug(
    'stale generation',
    "an older direct attempt lives on, and what it reports is taken for the newer one's",
    [
      'peer/routes/direct.js',
      'this.close();\n        this.#generation = generation;',
      'this.#generation = generation;',
    ],
    ['peer/routes/direct.js', 'const ours = () => generation === this.#generation;', 'const ours = () => true;'],
  ),
  bug(
    'both upgrade at once',
    'two that try at once take different generations, and neither gives way',
    [SETUP, '(context.generation + 1)', '(context.generation + (context.ownId < context.peerId ? 1 : 2))'],
    [
      SETUP,
      'isNewer(event.generation, context.generation) &&',
      'isNewer(event.generation, context.generation) && context.generation === 0 &&',
    ],
  ),
  bug('relay sequence', "the relay's count wraps at 2^8", [LEG, '(seq + 1) >>> 0', '(seq + 1) & 255']),
  bug('relay queue', 'the relay never drops what has grown old', [
    LEG,
    'const MAX_QUEUE = 10;',
    'const MAX_QUEUE = 1e9;',
  ]),
  bug('late epoch', 'one side moves on to the next key a frame too late', [
    'protocol/sealing.js',
    'if (this.#counter === this.#framesPerEpoch)',
    'if (this.#counter === this.#framesPerEpoch + (this.#epoch.lane & 1))',
  ]),
  bug('mute', 'one more frame of the room is sent after the mute', [
    'peer/audio/recorder.js',
    'this.#muted = muted;',
    'this.#clock.setTimeout(() => (this.#muted = muted), 21); if (muted) return;',
  ]),
  bug('left forgotten', 'the server tells nobody that the other side has left', [
    'signaling/lobby.js',
    'return [left, ended,',
    'return [ended,',
  ]),
  bug('piece twice', 'an ordered piece that comes twice is delivered twice', [
    'protocol/ordered-channel.js',
    'if (seq < this.#expected ||',
    'if (seq === this.#expected - 1) this.#take(packet); if (seq < this.#expected ||',
  ]),
  bug('resume forgotten', 'who comes back does not say to which call, and both agree anew', [
    SETUP,
    '...(context.agreedCallId ? { resume: context.agreedCallId } : {})',
    '',
  ]),
  bug('doubt passed on', 'a side asks for both routes because it is asked itself', [
    'peer/call/where-to-send.js',
    "? { voice: ['direct', ...relay], control: ['direct', 'relay'], doubt: false }",
    "? { voice: ['direct', ...relay], control: ['direct', 'relay'], doubt: true }",
  ]),
  bug('unmatched frames', 'frames are sent by a new socket before the server has matched it', [
    'peer/signaling/link.js',
    'const attempt = this.#current?.matched ? this.#current : this.#former;\n        if (attempt?.matched)',
    'const attempt = this.#current;\n        if (attempt)',
  ]),
]
