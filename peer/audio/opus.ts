/**
 * Opus (RFC 6716) as WebAssembly: a thin layer over the C functions that `@evan/opus`'s raw module exports. No Node in
 * here: the caller hands in the module's bytes. The integer functions only; the float ones are not exported.
 */
import { fail, ok, type Result } from '../../protocol/result.js'
import { type Codec, type Decoder, type Encoder, FRAME_SAMPLES, SAMPLE_RATE } from './codec.js'
import { exportsOf } from './wasm.js'

interface OpusExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  _initialize(): void
  malloc(bytes: number): number
  free(pointer: number): void
  opus_encoder_get_size(channels: number): number
  opus_encoder_init(state: number, rate: number, channels: number, application: number): number
  opus_encode(state: number, pcm: number, samples: number, out: number, outBytes: number): number
  opus_encoder_ctl_set(state: number, request: number, value: number): number
  opus_decoder_get_size(channels: number): number
  opus_decoder_init(state: number, rate: number, channels: number): number
  opus_decode(state: number, data: number, bytes: number, pcm: number, samples: number, fec: number): number
}

/** opus_defines.h: what a negative return value means. */
const ERRORS: Readonly<Record<number, OpusErrorName>> = {
  [-1]: 'badArgument',
  [-2]: 'bufferTooSmall',
  [-3]: 'internalError',
  [-4]: 'invalidPacket',
  [-5]: 'unimplemented',
  [-6]: 'invalidState',
  [-7]: 'allocFail',
}

/** opus_defines.h: requests of `opus_encoder_ctl`. */
const SET = { bitrate: 4002, vbr: 4006, complexity: 4010, inbandFec: 4012, packetLoss: 4014, signal: 4024 } as const
const APPLICATION = { voip: 2048, lowDelay: 2051 } as const
type Application = keyof typeof APPLICATION
/** From so many bits a second on CELT alone is as good. */
const CELT_BITRATE = 20_000
/** The least loss that CELT is made ready for, %: it takes 0.0002 of STOI where nothing is lost, and gives 0.009 at 5 % and 0.023 at 10 %. */
const LEAST_LOSS = 2
const SIGNAL_VOICE = 3001
/** An Opus packet of one frame has at most 1275 bytes (RFC 6716, section 3.2.1); this leaves room. */
const PACKET_BYTES = 1500

export type OpusErrorName =
  | 'badArgument'
  | 'bufferTooSmall'
  | 'internalError'
  | 'invalidPacket'
  | 'unimplemented'
  | 'invalidState'
  | 'allocFail'

export class OpusError extends Error {
  override readonly name: OpusErrorName

  constructor(code: number, what: string) {
    const name = ERRORS[code] ?? 'internalError'
    super(`Opus could not ${what}: ${name}.`)
    this.name = name
  }
}

export interface OpusOptions {
  /** Bits a second, constant bitrate: 32000 by default, which makes each packet 80 bytes. */
  readonly bitrate?: number
  /**
   * `lowDelay`: Opus's transform coder, CELT, alone. Against `voip`, which is its speech coder with CELT on top, it takes a fifth
   * of the time, is 4 ms quicker, and has the same STOI (0.993 at 32 kb/s); concealed losses take less of it (10 % at random: 0.956, not
   * 0.934). Only `voip` knows `recover`, and it alone is good below 20 kb/s. Unless it is given, the bitrate decides.
   */
  readonly application?: Application
  /** 0 (cheap) to 10 (best); 5 by default: half the time of 9 with `voip`, for a thousandth of STOI. */
  readonly complexity?: number
}

/** Compiles the module once; each encoder and decoder takes memory of its own inside it. Rejects when it isn't Opus. */
export async function createOpusCodec(
  wasm: Uint8Array<ArrayBuffer>,
  { bitrate = 32_000, complexity = 5, application }: OpusOptions = {},
): Promise<Codec> {
  // Opus itself calls none of these; the C library around it wants them to be there.
  const stub = () => 0
  const opus = (await exportsOf(wasm, {
    wasi_snapshot_preview1: { fd_seek: stub, fd_write: stub, fd_close: stub, proc_exit: stub },
    env: { emscripten_notify_memory_growth: stub },
  })) as OpusExports
  opus._initialize()
  return {
    createEncoder: () => new OpusEncoder(opus, bitrate, complexity, application ?? null),
    createDecoder: () => new OpusDecoder(opus),
  }
}

/** Memory inside the module. Views are made anew each time: they die when the module's memory grows. */
function allocate(opus: OpusExports, bytes: number): number {
  const pointer = opus.malloc(bytes)
  if (pointer === 0) throw new OpusError(-7, 'get memory')
  return pointer
}

function check(code: number, what: string): number {
  if (code < 0) throw new OpusError(code, what)
  return code
}

class OpusEncoder implements Encoder {
  readonly #opus: OpusExports
  readonly #state: number
  readonly #pcm: number
  readonly #packet: number
  readonly #complexity: number
  readonly #wanted: Application | null
  #application: Application | null = null
  #expectedLoss = 0

  constructor(opus: OpusExports, bitrate: number, complexity: number, application: Application | null) {
    this.#opus = opus
    this.#complexity = complexity
    this.#wanted = application
    this.#state = allocate(opus, opus.opus_encoder_get_size(1))
    this.#pcm = allocate(opus, 2 * FRAME_SAMPLES)
    this.#packet = allocate(opus, PACKET_BYTES)
    this.setBitrate(bitrate)
  }

  encode(frame: Int16Array): Uint8Array {
    if (frame.length !== FRAME_SAMPLES) throw new RangeError(`a frame has ${FRAME_SAMPLES} samples`)
    const opus = this.#opus
    new Int16Array(opus.memory.buffer, this.#pcm, FRAME_SAMPLES).set(frame)
    const bytes = opus.opus_encode(this.#state, this.#pcm, FRAME_SAMPLES, this.#packet, PACKET_BYTES)
    check(bytes, 'encode a frame')
    return new Uint8Array(opus.memory.buffer, this.#packet, bytes).slice()
  }

  setBitrate(bitrate: number): void {
    this.#become(this.#wanted ?? (bitrate < CELT_BITRATE ? 'voip' : 'lowDelay'))
    this.#set(SET.bitrate, bitrate)
  }

  setExpectedLoss(percent: number): void {
    this.#expectedLoss = Math.min(100, Math.max(0, percent))
    const least = this.#application === 'lowDelay' ? LEAST_LOSS : 0
    this.#set(SET.packetLoss, Math.round(Math.max(least, this.#expectedLoss)))
    this.#set(SET.inbandFec, percent > 0 ? 1 : 0)
  }

  close(): void {
    for (const pointer of [this.#state, this.#pcm, this.#packet]) this.#opus.free(pointer)
  }

  /** An encoder keeps its application for life: another one is begun in its place. Decoders follow each packet. */
  #become(application: Application): void {
    if (application === this.#application) return
    this.#application = application
    check(this.#opus.opus_encoder_init(this.#state, SAMPLE_RATE, 1, APPLICATION[application]), 'make an encoder')
    this.#set(SET.vbr, 0)
    this.#set(SET.complexity, this.#complexity)
    this.#set(SET.signal, SIGNAL_VOICE)
    this.setExpectedLoss(this.#expectedLoss)
  }

  #set(request: number, value: number): void {
    check(this.#opus.opus_encoder_ctl_set(this.#state, request, value), `set ${request} to ${value}`)
  }
}

class OpusDecoder implements Decoder {
  readonly #opus: OpusExports
  readonly #state: number
  readonly #pcm: number
  readonly #packet: number

  constructor(opus: OpusExports) {
    this.#opus = opus
    this.#state = allocate(opus, opus.opus_decoder_get_size(1))
    this.#pcm = allocate(opus, 2 * FRAME_SAMPLES)
    this.#packet = allocate(opus, PACKET_BYTES)
    check(opus.opus_decoder_init(this.#state, SAMPLE_RATE, 1), 'make a decoder')
  }

  decode(packet: Uint8Array): Result<Int16Array, OpusErrorName> {
    return this.#decode(packet, 0)
  }

  recover(packet: Uint8Array): Result<Int16Array, OpusErrorName> {
    return this.#decode(packet, 1)
  }

  conceal(): Int16Array {
    // No data asks for concealment (RFC 6716, section 4.4).
    check(this.#opus.opus_decode(this.#state, 0, 0, this.#pcm, FRAME_SAMPLES, 0), 'conceal a frame')
    return this.#samples()
  }

  close(): void {
    for (const pointer of [this.#state, this.#pcm, this.#packet]) this.#opus.free(pointer)
  }

  #decode(packet: Uint8Array, fec: 0 | 1): Result<Int16Array, OpusErrorName> {
    if (packet.length === 0 || packet.length > PACKET_BYTES) {
      return fail('invalidPacket', `An Opus packet has 1 to ${PACKET_BYTES} bytes, not ${packet.length}.`)
    }
    const opus = this.#opus
    new Uint8Array(opus.memory.buffer, this.#packet, packet.length).set(packet)
    const samples = opus.opus_decode(this.#state, this.#packet, packet.length, this.#pcm, FRAME_SAMPLES, fec)
    if (samples < 0) {
      const error = new OpusError(samples, 'decode a packet')
      return fail(error.name, error.message)
    }
    if (samples !== FRAME_SAMPLES) return fail('invalidPacket', `The packet holds ${samples} samples, not one frame.`)
    return ok(this.#samples())
  }

  #samples(): Int16Array {
    return new Int16Array(this.#opus.memory.buffer, this.#pcm, FRAME_SAMPLES)
  }
}
