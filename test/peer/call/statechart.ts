/** Writes peer/call/STATECHART.md: the statechart as pictures, and its timers, read from the machine. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AnyStateNode } from 'xstate'
import { callMachine } from '../../../peer/call/machine.js'
import { TIMINGS } from '../../../peer/call/timings.js'
import { nameOf, states, type Transition, transitions, transitionsOf } from './transitions.js'

/** From dist/test/peer/call to peer/call of the sources. */
export const file = fileURLToPath(new URL('../../../../peer/call/STATECHART.md', import.meta.url))

const idOf = (name: string) => name.replaceAll('.', '_')

/** A box that is drawn in a picture of its own. */
const ROUTE = 'route'

/**
 * Arrows from one state to another are one, with all that leads along it. `shown`: where a state is drawn, which may be a box around it;
 * what stays within one box is not shown.
 */
function arrows(nodes: readonly AnyStateNode[], shown: (name: string) => string): string[] {
  const labels = new Map<string, Set<string>>()
  const label = ({ event, guard }: Transition) => `${event}${guard && guard !== '(event)' ? ` [${guard}]` : ''}`
  for (const transition of nodes.flatMap(transitionsOf)) {
    const from = shown(transition.source)
    for (const to of transition.targets.map(shown)) {
      if (from === to && from !== transition.source) continue
      const arrow = `${idOf(from)} --> ${idOf(to)}`
      labels.set(arrow, (labels.get(arrow) ?? new Set()).add(label(transition)))
    }
  }
  return [...labels].map(([arrow, all]) => `  ${arrow}: ${[...all].join(' / ')}`)
}

function boxes(node: AnyStateNode, indent: string, folded: string): string[] {
  const id = idOf(nameOf(node))
  const children = Object.values(node.states)
  if (children.length === 0 || nameOf(node) === folded) return [`${indent}state "${node.key}" as ${id}`]
  const parts = children.map(child => boxes(child, `${indent}  `, folded))
  const inner =
    node.type === 'parallel'
      ? parts.flatMap((part, i) => (i === 0 ? part : [`${indent}  --`, ...part]))
      : [`${indent}  [*] --> ${idOf(nameOf(node.initial.target[0]!))}`, ...parts.flat()]
  return [`${indent}state "${node.key}" as ${id} {`, ...inner, `${indent}}`]
}

/** All within one state; those of `folded` as one box. */
function diagram(top: AnyStateNode, folded = ''): string[] {
  const inside = states.filter(({ path }) => top.path.every((key, i) => path[i] === key))
  const isFolded = (name: string) => folded !== '' && (name === folded || name.startsWith(`${folded}.`))
  const lines = arrows(inside, name => (isFolded(name) ? folded : name))
  return ['```mermaid', 'stateDiagram-v2', ...boxes(top, '  ', folded), ...lines, '```']
}

function region(name: string): AnyStateNode {
  const found = states.find(node => nameOf(node) === name)
  if (!found) throw new Error(`no state ${name}`)
  return found
}

function timers(): string[] {
  const used = (name: string) =>
    transitions.filter(({ event }) => event === `after ${name}`).map(({ source }) => `\`${source}\``)
  const values: Record<string, unknown> = TIMINGS
  return Object.keys(callMachine.implementations.delays).map(name => {
    const value = values[name]
    const ms = typeof value === 'number' ? String(value) : Array.isArray(value) ? value.join(', ') : 'see setup.ts'
    return `| ${name} | ${ms} | ${[...new Set(used(name))].join(', ')} |`
  })
}

/** The whole file. */
export function statechart(): string {
  return [
    '# The statechart of a call',
    '',
    'Generated from the machine by `npm run statechart`; do not edit. Both regions run side by side.',
    '',
    '## The link to the server',
    '',
    ...diagram(region('signaling')),
    '',
    '## The call',
    '',
    ...diagram(region('call'), ROUTE),
    '',
    '## The route, while both talk',
    '',
    ...diagram(region(ROUTE)),
    '',
    '## Timers',
    '',
    '| timer | ms | runs in |',
    '|---|---|---|',
    ...timers(),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, statechart())
