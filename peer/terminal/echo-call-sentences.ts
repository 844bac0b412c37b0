/** What a test call tells people at its end, and which exit code that is. */
import type { RouteKind } from '../call/events.js'
import type { HeardBackFigures, HeardBackVerdict } from '../echo/heard-back.js'
import { EXIT, type ExitCode } from './exit-codes.js'

export interface EchoCallFigures extends HeardBackFigures {
  readonly route: RouteKind | null
  readonly rttMs: number | null
  /** The worst second. */
  readonly lossPct: number
}

export interface EchoCallSentences {
  readonly message: string
  readonly hint: string
  readonly exitCode: ExitCode
}

/** `talked`: whether the call came about at all. */
export function echoCallSentences(verdict: HeardBackVerdict, figures: EchoCallFigures): EchoCallSentences {
  const { saidDb, backDb, delayMs } = figures
  const way = wayOf(figures)
  switch (verdict) {
    case 'heardBack':
      return {
        message: `Heard back: what you said (up to ${saidDb} dBFS) came back ${later(delayMs)}(up to ${backDb} dBFS)${way}.`,
        hint: 'The whole path works: microphone, server, speaker. A real call lacks the second of the echo.',
        exitCode: EXIT.ok,
      }
    case 'nothingSaid':
      return {
        message: `Nothing was said: the microphone gave ${saidDb <= -100 ? 'silence' : `${saidDb} dBFS at most`}. The call itself worked${way}.`,
        hint: 'Unmute the microphone, or choose another with --mic, and say something; voicechat-peer doctor looks closer.',
        exitCode: EXIT.device,
      }
    case 'notHeardBack':
      return {
        message: `Not heard back: you said something (up to ${saidDb} dBFS), and nothing came back${way}.`,
        hint: 'Try again; if the echo ends early, its server may have a problem. voicechat-peer doctor looks closer.',
        exitCode: EXIT.vanished,
      }
  }
}

function wayOf({ route, rttMs, lossPct }: EchoCallFigures): string {
  const over = route === null ? '' : `, over the ${route === 'relay' ? 'relay' : 'direct route'}`
  const trip = rttMs === null ? '' : `, round trip ${rttMs} ms`
  return `${over}${trip}, loss ${lossPct.toFixed(1)} %`
}

function later(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1000).toFixed(1)} s later `
}

const METER_FROM_DB = -60
const METER_CHARS = 10

/** One line for a terminal while it lasts: both levels and the time that is left, at most `columns - 1` characters. */
export function levelsLine(levelIn: number, levelOut: number, leftMs: number, columns: number): string {
  const line = `you ${bar(levelIn)}  echo ${bar(levelOut)}  ${Math.max(0, Math.ceil(leftMs / 1000))} s  [q] end`
  return line.slice(0, Math.max(0, columns - 1))
}

function bar(db: number): string {
  const filled = Math.round(Math.max(0, Math.min(1, 1 - db / METER_FROM_DB)) * METER_CHARS)
  return `[${'#'.repeat(filled)}${' '.repeat(METER_CHARS - filled)}]`
}
