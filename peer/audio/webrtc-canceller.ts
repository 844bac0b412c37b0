/** WebRTC's echo canceller (AEC3), native code, through the bindings that LiveKit makes of it. Nothing else of theirs is used. */
import { reasonOf } from '../../protocol/reason.js'
import { AudioProblem } from './audio.js'
import { SAMPLE_RATE } from './codec.js'
import type { EchoCanceller } from './echo-canceller.js'

/** It works on 10 ms at a time, samples. */
const FRAME = SAMPLE_RATE / 100
/** The latest whose native code is there for all five systems. 28 MB: too much for those who wear headphones. */
const INSTALL = 'npm install --no-save @livekit/rtc-ffi-bindings@0.12.73'

/**
 * The part of the package that is used here. Requests and answers are protobuf messages. It is not initialised: this works without,
 * and that would keep the program from ending by itself.
 */
export interface Bindings {
  livekitFfiRequest(request: Uint8Array): Uint8Array
  livekitRetrievePtr(bytes: Uint8Array): bigint
  readonly FfiRequest: new (request: { message: { case: string; value: object } }) => { toBinary(): Uint8Array }
  readonly FfiResponse: { fromBinary(bytes: Uint8Array): { message: { value?: unknown } } }
  readonly FfiHandle: new (handle: bigint) => { dispose(): void }
}

async function loadBindings(): Promise<Bindings> {
  // Not among the dependencies, so that the compiler must not look for it.
  const name: string = '@livekit/rtc-ffi-bindings'
  return (await import(name)) as Bindings
}

/** Rejects with an AudioProblem `noEchoCanceller` where it is not installed, or does not load on this machine. */
export async function loadWebrtcCanceller(load: () => Promise<Bindings> = loadBindings): Promise<EchoCanceller> {
  try {
    return new WebrtcCanceller(await load())
  } catch (error) {
    throw notLoaded(reasonOf(error))
  }
}

function notLoaded(why: string): AudioProblem {
  const missing = /Cannot find (?:package|module)/.test(why)
  const message = missing
    ? 'Echo cancellation needs @livekit/rtc-ffi-bindings, which is not installed.'
    : `The echo canceller cannot be loaded on this machine (${why.split('\n', 1)[0]?.slice(0, 200)}).`
  const install = missing ? `Run "${INSTALL}" where VoiceChat is installed, or leave` : 'Leave'
  return new AudioProblem('noEchoCanceller', message, `${install} --echo-cancel out and wear headphones.`)
}

/** Ten milliseconds that fill up, where the native code reads them and writes what becomes of them. */
class Frame {
  readonly samples = new Int16Array(FRAME)
  readonly #onFull: () => void
  #filled = 0

  constructor(onFull: () => void) {
    this.#onFull = onFull
  }

  /** How many frames will be full with so many samples more. */
  fullWith(samples: number): number {
    return Math.floor((this.#filled + samples) / FRAME)
  }

  fill(block: Int16Array): void {
    for (let at = 0; at < block.length; ) {
      const take = Math.min(block.length - at, FRAME - this.#filled)
      this.samples.set(block.subarray(at, at + take), this.#filled)
      this.#filled += take
      at += take
      if (this.#filled < FRAME) continue
      this.#filled = 0
      this.#onFull()
    }
  }
}

class WebrtcCanceller implements EchoCanceller {
  readonly #bindings: Bindings
  readonly #playing: Frame
  readonly #hearing: Frame
  #out = new Int16Array(0)
  #at = 0
  #handle: { dispose(): void } | null

  constructor(bindings: Bindings) {
    this.#bindings = bindings
    const made = this.#ask(
      this.#request('newApm', {
        echoCancellerEnabled: true,
        // The canceller wants what is below the voice taken out.
        highPassFilterEnabled: true,
        gainControllerEnabled: false,
        noiseSuppressionEnabled: false,
      }),
    ) as { apm: { handle: { id: bigint } } }
    const { id } = made.apm.handle
    this.#handle = new bindings.FfiHandle(id)
    this.#playing = new Frame(() => this.#run(play))
    this.#hearing = new Frame(() => {
      this.#run(hear)
      this.#out.set(this.#hearing.samples, this.#at)
      this.#at += FRAME
    })
    const play = this.#onFrame('apmProcessReverseStream', id, this.#playing)
    const hear = this.#onFrame('apmProcessStream', id, this.#hearing)
    // Whatever it has against this form of sound it says now, and not in mid-call.
    this.played(new Int16Array(FRAME))
    this.heard(new Int16Array(FRAME))
  }

  played(block: Int16Array): void {
    if (this.#handle) this.#playing.fill(block)
  }

  heard(block: Int16Array): Int16Array {
    if (!this.#handle) return block
    this.#out = new Int16Array(FRAME * this.#hearing.fullWith(block.length))
    this.#at = 0
    this.#hearing.fill(block)
    return this.#out
  }

  close(): void {
    this.#handle?.dispose()
    this.#handle = null
  }

  /** The same each time, for it works in place. */
  #onFrame(what: string, apmHandle: bigint, { samples }: Frame): Uint8Array {
    const bytes = new Uint8Array(samples.buffer)
    const dataPtr = this.#bindings.livekitRetrievePtr(bytes)
    return this.#request(what, { apmHandle, dataPtr, size: bytes.length, sampleRate: SAMPLE_RATE, numChannels: 1 })
  }

  #run(request: Uint8Array): void {
    const { error } = this.#ask(request) as { error?: string }
    if (error) throw new Error(`the echo canceller says ${error}`)
  }

  #request(what: string, value: object): Uint8Array {
    return new this.#bindings.FfiRequest({ message: { case: what, value } }).toBinary()
  }

  #ask(request: Uint8Array): unknown {
    return this.#bindings.FfiResponse.fromBinary(this.#bindings.livekitFfiRequest(request)).message.value ?? {}
  }
}
