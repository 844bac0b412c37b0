/** A simulated call of which one side is written down as `--inspect` does. */
import type { Person, World } from './world.js'

export interface Recorded {
  readonly person: Person
  /** What `--inspect` would have written so far. */
  text(): string
}

/** ABC, who calls XYZ in this world by the relay, with the password given. */
export function recordedPerson(world: World, password: string | null): Recorded {
  const written: string[] = []
  const write = (line: object) => void written.push(`${JSON.stringify(line)}\n`)
  const person = world.person({ id: 'ABC', to: 'XYZ' }, password, {
    direct: false,
    inspect: { version: '0.0.0', write },
  })
  return { person, text: () => written.join('') }
}
