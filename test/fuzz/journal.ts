/** Remembers what a long run has done, so that it goes on where it was stopped: a JSON line for each piece of work. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { JobDone } from './worker.js'

/** What one job did with one target. */
export interface Piece {
  readonly target: string
  readonly seed: number
  readonly inputs: number
  readonly ms: number
  readonly corpus: number
  readonly blocks: number
  readonly ran: number
  readonly findings: readonly string[]
  /** Bytes; null: not measured. */
  readonly grown: number | null
}

export function pieceOf(target: string, seed: number, done: JobDone): Piece {
  const { inputs, ms, corpus, covered, findings, grown } = done
  const words = findings.map(({ kind, words }) => `${kind}: ${words}`)
  return { target, seed, inputs, ms, corpus: corpus.length, ...covered, findings: words, grown }
}

export class Journal {
  readonly pieces: Piece[]

  /** `path`: null for one that is forgotten. Throws where it can't be read. */
  constructor(private readonly path: string | null) {
    this.pieces = path === null ? [] : read(path)
  }

  has(target: string, seed: number): boolean {
    return this.pieces.some(piece => piece.target === target && piece.seed === seed)
  }

  add(piece: Piece): void {
    this.pieces.push(piece)
    if (this.path !== null) appendFileSync(this.path, `${JSON.stringify(piece)}\n`)
  }
}

/** A line that was cut off by a crash is left out: its work is done again. */
function read(path: string): Piece[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const lines = text.split('\n').slice(0, -1)
  if (!text.endsWith('\n')) writeFileSync(path, lines.map(line => `${line}\n`).join(''))
  return lines.map(line => JSON.parse(line) as Piece)
}
