/**
 * The attackers, as a program. Arguments: port, names of attacks, which all begin at once. When its stdin ends it tells what became of
 * them, and is gone with all its sockets.
 */
import { type Attack, Counts } from './attack.js'
import { type AttackName, attacks } from './attacks.js'

/** How often what happened, by attack. */
export type Outcome = Readonly<Record<string, Readonly<Record<string, number>>>>

export type AttackersEvent = { readonly kind: 'started' } | { readonly kind: 'stopped'; readonly outcome: Outcome }

const [port, ...names] = process.argv.slice(2)
const target = { port: Number(port), url: `ws://127.0.0.1:${port}` }
const tell = (event: AttackersEvent) => process.stdout.write(`${JSON.stringify(event)}\n`)
const running: { name: string; attack: Attack; counts: Counts }[] = []
for (const name of names) {
  const counts = new Counts()
  running.push({ name, counts, attack: attacks[name as AttackName](target, counts) })
}
await Promise.all(running.map(({ attack }) => attack.begun))
tell({ kind: 'started' })
process.stdin.resume().on('end', () => {
  for (const { attack } of running) attack.stop()
  tell({ kind: 'stopped', outcome: Object.fromEntries(running.map(({ name, counts }) => [name, counts.all])) })
  process.exit()
})
