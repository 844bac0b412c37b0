/** The people of a simulated call, and the programs that they run one after the other. Times: ms since both were started. */

import type { InspectionSink } from '../../peer/call/inspection.js'
import type { Id } from './fault.js'
import { PASSWORDS } from './invariants-plaintext.js'
import { isRunning, type Program } from './play-program.js'
import type { Scenario } from './scenario.js'
import type { World } from './world.js'

export interface PeopleEvents {
  readonly started: (program: Program) => void
  readonly ended: (program: Program) => void
  /** A program failed as none should. */
  readonly threw: (program: Program, error: unknown) => void
  readonly inspect: (name: string) => InspectionSink | undefined
  readonly now: () => number
}

/** What the other one has verified of someone whose key is another now. */
const FORMER_KEY = new Uint8Array(32).fill(7)

export class People {
  readonly programs: Program[] = []
  readonly #world: World
  readonly #scenario: Scenario
  readonly #events: PeopleEvents
  /** Who calls again when the program that runs has ended, and how long after. */
  readonly #again = new Map<Id, number>()
  #over = false

  constructor(world: World, scenario: Scenario, events: PeopleEvents) {
    this.#world = world
    this.#scenario = scenario
    this.#events = events
  }

  /** The last program that someone called with. */
  current(id: Id): Program | undefined {
    return this.programs.findLast(program => program.id === id && program.role === 'caller')
  }

  get running(): Program[] {
    return this.programs.filter(isRunning)
  }

  /** Starts a program. A second one does not wait for ever, and `own` says whether it has the same key. */
  start(id: Id, role: Program['role'] = 'caller', own = true): Program {
    const { people, ending, lengthMs, changedKey } = this.#scenario
    const setting = people[id]
    const before = this.programs.find(program => program.id === id)
    // What runs at once is told by name: it must be known before.
    const name = before ? `${id} ${this.programs.filter(program => program.id === id).length + 1}` : id
    const inspect = this.#events.inspect(name)
    const person = this.#world.person(
      {
        id,
        to: id === 'ABC' ? 'XYZ' : 'ABC',
        route: setting.route,
        talkMs: ending.kind === 'limit' && ending.who === id ? lengthMs : null,
        waitMs: ending.kind === 'alone' ? lengthMs : null,
      },
      this.#password(id),
      {
        access: setting.access,
        nat: setting.nat,
        driftPpm: setting.driftPpm,
        direct: setting.engine,
        ...(before && own ? { identityOf: before.person } : {}),
        ...(changedKey === 'nobody' || changedKey === id ? {} : { knows: { id: changedKey, key: FORMER_KEY } }),
        ...(inspect ? { inspect } : {}),
      },
    )
    const startedAt = this.#events.now()
    const fresh = { endedAt: null, end: null, killed: false, hungUpAt: null, leftIn: null }
    const program: Program = { id, name, role, person, startedAt, ...fresh }
    this.programs.push(program)
    person.peer.ended.then(
      end => {
        if (program.endedAt !== null) return
        program.end = end
        this.#ended(program)
      },
      error => this.#events.threw(program, error),
    )
    this.#events.started(program)
    return program
  }

  hangUp(program: Program | undefined): void {
    if (!isRunning(program)) return
    program.hungUpAt ??= this.#events.now()
    program.person.peer.do({ type: 'hangUp' })
  }

  kill(program: Program | undefined): void {
    if (!isRunning(program)) return
    program.killed = true
    program.person.kill()
    this.#ended(program)
  }

  /** Hangs up, or is killed, and calls again; the other too, if that ends it. */
  again(id: Id, killed: boolean, afterMs: number): void {
    this.#again.set(id, afterMs)
    if (!killed) this.#again.set(id === 'ABC' ? 'XYZ' : 'ABC', afterMs)
    const program = this.current(id)
    if (!isRunning(program)) this.#startAgain(id)
    else if (killed) this.kill(program)
    else this.hangUp(program)
  }

  bothAgain(afterMs: number): void {
    for (const id of ['ABC', 'XYZ'] as const) this.#again.set(id, afterMs)
    for (const id of ['ABC', 'XYZ'] as const) this.hangUp(this.current(id))
  }

  second(id: Id, own: boolean, forMs: number): void {
    const program = this.start(id, 'second', own)
    this.#world.clock.setTimeout(() => this.hangUp(program), forMs)
  }

  /** Nobody calls again from now on. */
  over(): void {
    this.#over = true
  }

  #ended(program: Program): void {
    program.endedAt = this.#events.now()
    this.#events.ended(program)
    if (program.role === 'caller') this.#startAgain(program.id)
  }

  #startAgain(id: Id): void {
    const afterMs = this.#again.get(id)
    if (afterMs === undefined) return
    this.#again.delete(id)
    this.#world.clock.setTimeout(() => {
      if (!this.#over && !isRunning(this.current(id))) this.start(id)
    }, afterMs)
  }

  #password(id: Id): string | null {
    switch (this.#scenario.password) {
      case 'same':
        return PASSWORDS[0]
      case 'different':
        return PASSWORDS[id === 'ABC' ? 0 : 1]
      case 'oneSide':
        return id === 'ABC' ? PASSWORDS[0] : null
      case 'none':
        return null
    }
  }
}
