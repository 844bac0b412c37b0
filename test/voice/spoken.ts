/** What came of a spoken call. */
import type { DelayPoint } from '../measure/delay.js'

/** What came of one way of a call in one stretch of speech. */
export interface Spoken {
  /** Mouth to ear, ms, from the middle of one window to the next; `at` counts from the beginning of the stretch. */
  readonly track: readonly DelayPoint[]
  /** Windows that were looked for. */
  readonly windows: number
  readonly stoi: number
  readonly estoi: number
}

/** One way of a call: from who speaks to who listens. */
export interface OneWay {
  readonly parts: readonly Spoken[]
  /** Of all frames that were played from the first stretch on, %. */
  readonly concealedPct: number
  readonly lostPct: number
  /** Sound that was played faster or slower, %; null: the player does not tell. */
  readonly scaledPct: number | null
  /** IP bytes that the speaker's machine sent, kb/s; and what share of its frames went over the relay, %. */
  readonly kbps: number
  readonly relayPct: number
  /** A line a second, for people. */
  readonly seconds: readonly Second[]
}

export interface Second {
  /** Since the beginning of the first stretch, ms. */
  readonly at: number
  /** As the listener's program reports it, %. */
  readonly lossPct: number
  readonly bufferMs: number
  readonly jitterMs: number
  /** Sealed frames that the speaker's program sent by then, and their bytes. */
  readonly frames: number
  readonly bytes: number
}

export interface SpokenCall {
  /** Both ways. */
  readonly ways: readonly [OneWay, OneWay]
}
