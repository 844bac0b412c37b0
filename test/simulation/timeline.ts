/** A replayed call, or a simulated one, as text that a person reads. */
import type { InspectedEvent, InspectionLine } from '../../peer/call/inspection.js'
import type { Recording } from './recording.js'
import { type ReplayStep, words } from './replay.js'

/** Width of the column of time. */
const MARGIN = ' '.repeat(12)

/** All of it, a line of text each; the same steps give the same lines. */
export function timeline({ header, broken }: Recording, steps: readonly ReplayStep[]): string[] {
  const { input, version } = header
  const limits = [
    ...(input.waitMs === null ? [] : [`waits ${input.waitMs} ms`]),
    ...(input.talkMs === null ? [] : [`talks ${input.talkMs} ms`]),
  ]
  const differ = steps.filter(({ differences }) => differences.length > 0).length
  const lines = [
    `${[`${input.ownId} calls ${input.peerId}`, `route ${input.wants}`, ...limits].join(', ')}; recorded by version ${version}`,
    ...steps.flatMap(step => stepLines(step)),
    ...(broken ? ['The last line of the file is broken off and was left out.'] : []),
    steps.length === 0
      ? 'Nothing was recorded.'
      : differ === 0
        ? `All ${steps.length} recorded states were reached again.`
        : `${differ} of ${steps.length} recorded states were not reached again, or not in the same way: see "differs" above.`,
  ]
  return lines.map(printable)
}

/** A moment of a simulated call: what one statechart received and did, or words about anything else. `at`: ms. */
export type Told = { readonly at: number; readonly who: string } & (
  | { readonly step: ReplayStep }
  | { readonly words: string }
)

/** What all of them went through, in the form of `timeline` with a column that says who. */
export function story(told: readonly Told[]): string[] {
  const width = Math.max(0, ...told.map(({ who }) => who.length + 2))
  return told
    .flatMap(moment => {
      const who = moment.who.padEnd(width)
      return 'step' in moment ? stepLines(moment.step, moment.at, who) : [row(moment.at, `${who}${moment.words}`)]
    })
    .map(printable)
}

/** `at`: as it is shown, ms. */
function stepLines({ recorded, replayed, told, differences }: ReplayStep, at = recorded.t, who = ''): string[] {
  const { event, heard } = recorded
  const shown = replayed ?? recorded
  const raised = shown.raised ? `, raises ${shown.raised.join(', ')}` : ''
  const { changed = {} } = shown
  const news = Object.keys(changed).length > 0 && event.type !== 'xstate.init' ? [`sets ${pairs(changed)}`] : []
  const margin = `${MARGIN}${who}`
  return [
    ...(heard ? [`${margin}(heard ${heard} times)`] : []),
    row(at, `${who}${eventWords(event)}${raised}${shown.ignored ? ' (ignored)' : ''}`),
    ...moves(shown).map(move => `${margin}  ${move}`),
    ...news.map(line => `${margin}  ${line}`),
    ...told.map(line => `${margin}  tells ${line}`),
    ...differences.map(line => `${margin}! differs: ${line}`),
  ]
}

function row(at: number, text: string): string {
  return `${at.toFixed(1).padStart(10)}  ${text}`
}

/** Some words came from a server, or from whoever wrote the file. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, '?')
}

/** `after quiet of call.joined...`, `server.online 1`. */
export function eventWords(event: InspectedEvent): string {
  if (event.type === 'xstate.init') return 'start'
  const timer = /^xstate\.after\.([^.]+)\.(?:voicechat\.)?(.+)$/.exec(event.type)
  return timer ? `after ${timer[1]} of ${timer[2]}` : words(event)
}

/** What was left and what was entered: `call.joined.talking.route: relayed.off -> severed`, a line where one state stands for one. */
function moves({ from, to }: InspectionLine): string[] {
  if (from === '') return [`-> ${to}`]
  const [old, fresh] = [regions(from), regions(to)]
  return [...fresh.keys()].flatMap(region => {
    const [before = '', after = ''] = [old.get(region), fresh.get(region)]
    const [left, entered] = [without(leaves(before), leaves(after)), without(leaves(after), leaves(before))]
    if (left.length !== entered.length) return [`${region}: ${before} -> ${after}`]
    return left.map((leaf, i) => move(region, leaf, entered[i] ?? ''))
  })
}

/** `call.joined.talking.route: relayed.off -> severed`: what both have in common is said once. */
function move(region: string, left: string, entered: string): string {
  const [before, after] = [left.split('.'), entered.split('.')]
  let common = 0
  while (common < Math.min(before.length, after.length) - 1 && before[common] === after[common]) common++
  const where = [region, ...before.slice(0, common)].join('.')
  return `${where}: ${before.slice(common).join('.')} -> ${after.slice(common).join('.')}`
}

function without(all: readonly string[], others: readonly string[]): string[] {
  return all.filter(one => !others.includes(one))
}

/** The regions at the top of `compactState`'s line, each with what is in it. */
function regions(state: string): Map<string, string> {
  const found = new Map<string, string>()
  let depth = 0
  let start = 0
  for (let i = 0; i <= state.length; i++) {
    if (state[i] === '(') depth++
    else if (state[i] === ')') depth--
    else if ((state[i] === ' ' && depth === 0) || i === state.length) {
      const [, region = '', rest = ''] = /^([^.(]*)\.?(.*)$/.exec(state.slice(start, i)) ?? []
      found.set(region, rest)
      start = i + 1
    }
  }
  return found
}

/** The states at the ends of `compactState`'s line, each with its whole path. */
export function leaves(state: string): string[] {
  const found: string[] = []
  const open: string[] = []
  for (const [part] of state.matchAll(/[^\s()]+\(?|\)/g)) {
    if (part === ')') open.pop()
    else if (part.endsWith('(')) open.push(part.slice(0, -1))
    else found.push([...open, part].join('.'))
  }
  return found
}

function pairs(fields: object): string {
  return Object.entries(fields)
    .map(([field, value]) => `${field} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
