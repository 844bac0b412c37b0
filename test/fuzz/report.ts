/** What was done with each target, as a table. */
import { number } from '../simulation/campaign-summary.js'
import type { Piece } from './journal.js'

const HEAD = ['target', 'inputs', 'a second', 'corpus', 'blocks ran', 'kept more', 'findings']

/** Lines of text; pieces of one target are added up. */
export function table(pieces: readonly Piece[]): string[] {
  const names = [...new Set(pieces.map(({ target }) => target))].sort()
  const rows = names.map(name =>
    row(
      name,
      pieces.filter(({ target }) => target === name),
    ),
  )
  const all = [HEAD, ...rows, totals(pieces)]
  const widths = HEAD.map((_, column) => Math.max(...all.map(cells => cells[column]!.length)))
  return all.map(cells =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  )
}

function row(name: string, pieces: readonly Piece[]): string[] {
  const last = pieces.at(-1)!
  const grown = pieces.flatMap(piece => (piece.grown === null ? [] : [piece.grown]))
  return [
    name,
    number(sum(pieces, 'inputs')),
    number((1000 * sum(pieces, 'inputs')) / Math.max(1, sum(pieces, 'ms'))),
    String(last.corpus),
    `${last.ran} of ${last.blocks}`,
    grown.length > 0 ? `${Math.round(Math.max(...grown) / 1024)} kB` : '-',
    String(pieces.reduce((count, { findings }) => count + findings.length, 0)),
  ]
}

function totals(pieces: readonly Piece[]): string[] {
  const found = pieces.reduce((count, { findings }) => count + findings.length, 0)
  const rate = (1000 * sum(pieces, 'inputs')) / Math.max(1, sum(pieces, 'ms'))
  return ['all', number(sum(pieces, 'inputs')), number(rate), '', '', '', String(found)]
}

function sum(pieces: readonly Piece[], field: 'inputs' | 'ms'): number {
  return pieces.reduce((total, piece) => total + piece[field], 0)
}
