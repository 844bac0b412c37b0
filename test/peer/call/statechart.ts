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

/** Arrows from one state to another are one, with all that leads along it. */
function arrows(node: AnyStateNode): string[] {
  const labels = new Map<string, string[]>()
  const label = ({ event, guard }: Transition) => `${event}${guard && guard !== '(event)' ? ` [${guard}]` : ''}`
  for (const transition of transitionsOf(node)) {
    for (const target of transition.targets) {
      const arrow = `${idOf(transition.source)} --> ${idOf(target)}`
      labels.set(arrow, [...(labels.get(arrow) ?? []), label(transition)])
    }
  }
  return [...labels].map(([arrow, all]) => `  ${arrow}: ${all.join(' / ')}`)
}

function boxes(node: AnyStateNode, indent: string): string[] {
  const id = idOf(nameOf(node))
  const children = Object.values(node.states)
  if (children.length === 0) return [`${indent}state "${node.key}" as ${id}`]
  const parts = children.map(child => boxes(child, `${indent}  `))
  const inner =
    node.type === 'parallel'
      ? parts.flatMap((part, i) => (i === 0 ? part : [`${indent}  --`, ...part]))
      : [`${indent}  [*] --> ${idOf(nameOf(node.initial.target[0]!))}`, ...parts.flat()]
  return [`${indent}state "${node.key}" as ${id} {`, ...inner, `${indent}}`]
}

function diagram(region: 'signaling' | 'call'): string[] {
  const root = callMachine.root.states[region]!
  const inside = states.filter(({ path }) => path[0] === region)
  return ['```mermaid', 'stateDiagram-v2', ...boxes(root, '  '), ...inside.flatMap(arrows), '```']
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
    ...diagram('signaling'),
    '',
    '## The call',
    '',
    ...diagram('call'),
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
