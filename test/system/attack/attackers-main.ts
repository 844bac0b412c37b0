/**
 * The attackers, as a program. Argument: port. Takes JSON lines: {do: 'start', names} begins these attacks, {do: 'stop'} ends all and
 * tells what became of them.
 */
import { createInterface } from 'node:readline'
import { type Attack, Counts } from './attack.js'
import { type AttackName, attacks } from './attacks.js'

export type AttackersCommand = { readonly do: 'start'; readonly names: readonly AttackName[] } | { readonly do: 'stop' }

export type AttackersEvent =
  | { readonly kind: 'started' }
  /** How often what happened, by attack. */
  | { readonly kind: 'stopped'; readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>> }

const port = Number(process.argv[2])
const target = { port, url: `ws://127.0.0.1:${port}` }
const tell = (event: AttackersEvent) => process.stdout.write(`${JSON.stringify(event)}\n`)
let running: { name: AttackName; attack: Attack; counts: Counts }[] = []

createInterface({ input: process.stdin })
  .on('line', line => {
    const command = JSON.parse(line) as AttackersCommand
    if (command.do === 'start') {
      for (const name of command.names) {
        const counts = new Counts()
        running.push({ name, counts, attack: attacks[name](target, counts) })
      }
      tell({ kind: 'started' })
      return
    }
    for (const { attack } of running) attack.stop()
    tell({ kind: 'stopped', counts: Object.fromEntries(running.map(({ name, counts }) => [name, { ...counts.all }])) })
    running = []
  })
  .on('close', () => process.exit())
