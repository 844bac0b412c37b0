/** Plays a scenario in a world, looks whether all invariants hold, and says what came of it. */
import { endOf, type Fault, type FaultKind, faultWords, type Id, ids } from './fault.js'
import { type Call, type Invariant, invariants, type Watch } from './invariants.js'
import { CONNECTED_BY, callers, isDue, talk } from './invariants-connects.js'
import type { Outcome, Violation } from './outcome.js'
import { Faults } from './play-faults.js'
import { figuresOf, KeyMeter } from './play-figures.js'
import { Gaps } from './play-gaps.js'
import { Journal } from './play-journal.js'
import { People } from './play-people.js'
import type { Program } from './play-program.js'
import { Troubles } from './play-trouble.js'
import type { Scenario } from './scenario.js'
import { World } from './world.js'

export interface PlayOptions {
  /** Whether to keep the timeline. It changes nothing else. */
  readonly trace?: boolean
  /** Others than the usual ones. */
  readonly invariants?: readonly Invariant[]
}

/** After the ending: what a side that lost the other takes to give up, and to be sure, ms. */
const ENDED_BY_MS = 60_000
/** Hung up when all is over, a program ends within this, ms. */
const HANG_UP_MS = 5_000
/** The server notices within this that sockets are dead, ms: its pings, and the time that closing may take. */
const FORGOTTEN_BY_MS = 25_000
/** How often invariants look how it stands, ms. */
const LOOK_MS = 500
/** They talk again; this long it must last before the ending, ms: longer than a way may be dead before its program shows it. */
const CALM_MS = 1_100
/** Each heard the other so lately, ms: what was on its way when the way died is over by then. */
const HEARD_MS = 300

/** The same scenario gives the same outcome. Never rejects: what is thrown on the way is a violation. */
export async function play(scenario: Scenario, options: PlayOptions = {}): Promise<Outcome> {
  return await new Play(scenario, options).run()
}

class Play implements Call {
  readonly scenario: Scenario
  readonly world: World
  readonly troubles = new Troubles()
  readonly now = () => this.world.clock.now() - this.#zero
  readonly people: People
  ending: Call['ending'] = null
  readonly #watches: Watch[]
  readonly #violations: Violation[] = []
  readonly #journal: Journal
  readonly #faults: Faults
  readonly #gaps = new Gaps(() => this.now())
  readonly #keys = new KeyMeter()
  readonly #heardAt = new Map<Program, number>()
  readonly #done = new Map<FaultKind, number>()
  readonly #zero: number
  #connected = false
  #overAt = 0

  constructor(scenario: Scenario, { trace = false, invariants: list = invariants }: PlayOptions) {
    this.scenario = scenario
    const { seed, framesPerEpoch, ending, people } = scenario
    const both = ids.filter(id => ending.kind !== 'alone' || ending.who === id)
    this.world = new World(seed, { framesPerEpoch })
    this.#zero = this.world.clock.now() + Math.max(...both.map(id => people[id].startMs))
    this.#journal = new Journal(() => this.now(), trace)
    this.people = new People(this.world, scenario, {
      started: program => this.#started(program),
      ended: program => this.#ended(program),
      threw: (program, error) => this.#broken('throws', `${program.name}: ${describe(error)}`),
      inspect: name => this.#journal.inspect(name),
      now: () => this.now(),
    })
    this.#faults = new Faults(this.world, scenario, this.troubles, {
      current: id => this.people.current(id),
      again: (id, killed, afterMs) => this.people.again(id, killed, afterMs),
      bothAgain: afterMs => this.people.bothAgain(afterMs),
      second: (id, own, forMs) => this.people.second(id, own, forMs),
      now: () => this.now(),
    })
    this.#watches = list.map(({ name, watch }) => watch(this, words => this.#broken(name, words)))
    this.#listen()
    for (const id of both)
      this.#at(people[id].startMs + this.world.clock.now() - this.#zero, () => this.people.start(id))
    this.#at(0, () => this.#lookAgain())
    for (const fault of scenario.faults) this.#at(fault.at, () => this.#fault(fault))
  }

  get programs(): readonly Program[] {
    return this.people.programs
  }

  #lookAgain(): void {
    this.#look()
    if (!this.ending) this.#at(this.now() + LOOK_MS, () => this.#lookAgain())
  }

  async run(): Promise<Outcome> {
    const startedAt = this.world.clock.now()
    const rejected = (error: unknown) => this.#broken('throws', describe(error))
    process.on('unhandledRejection', rejected)
    try {
      await this.#call()
    } catch (error) {
      rejected(error)
    }
    // A rejection that nobody handled is told a turn later.
    await new Promise(setImmediate)
    process.off('unhandledRejection', rejected)
    const { seed } = this.scenario
    const ends = Object.fromEntries(ids.map(id => [id, this.#endWords(id)])) as Record<Id, string>
    for (const { invariant, at, words } of this.#violations) this.#journal.note(invariant, `${at} ${words}`)
    return {
      seed,
      connected: this.#connected,
      ends,
      virtualMs: Math.round(this.#overAt + this.#zero - startedAt),
      ...figuresOf(this.programs),
      keyRotations: this.#keys.rotations,
      faults: Object.fromEntries(this.#done),
      gaps: this.#gaps.longest(this.scenario, this.troubles),
      violations: this.#violations,
      hash: this.#journal.hash(),
      trace: this.#journal.text(),
    }
  }

  async #call(): Promise<void> {
    const { ending, lengthMs, faults, settles } = this.scenario
    await this.#until(lengthMs)
    const planned = Math.max(0, ...faults.map(endOf))
    const waits = settles && ending.kind !== 'limit' && ending.kind !== 'alone'
    if (waits) await this.#settle(planned)
    this.#look()
    this.people.over()
    this.ending = { at: this.now(), calm: planned + CALM_MS <= this.now() && isDue(this) && this.#hear() }
    this.#journal.tell('-', `ending: ${ending.kind}${'who' in ending ? ` ${ending.who}` : ''}`)
    if (ending.kind === 'both') for (const id of ids) this.people.hangUp(this.people.current(id))
    else if (ending.kind === 'hangUp') this.people.hangUp(this.people.current(ending.who))
    else if (ending.kind === 'killed') this.people.kill(this.people.current(ending.who))
    // A limit of talking counts from the moment that they talk.
    const longest = ending.kind === 'limit' ? lengthMs : 0
    await this.#allOver(this.now() + longest + ENDED_BY_MS)
    await this.#until(planned)
    for (const program of this.people.running) {
      const { state } = program.person.peer.view
      program.leftIn = ['connecting', 'waiting'].includes(state) ? null : state
      this.people.hangUp(program)
    }
    await this.#allOver(this.now() + HANG_UP_MS)
    this.#overAt = this.now()
    await this.#until(this.now() + FORGOTTEN_BY_MS)
    for (const watch of this.#watches) watch.check?.()
  }

  /** Until all faults are over and both talk again, or should. */
  async #settle(planned: number): Promise<void> {
    const latest = Math.max(planned, this.now())
    const well = () => this.now() > planned && (!isDue(this) || talk(this))
    for (;;) {
      await this.world.until(well, latest + CONNECTED_BY - this.now())
      await this.world.run(CALM_MS)
      if (well() || this.now() >= latest + CONNECTED_BY) return
    }
  }

  /** Whether both talk, and truly hear each other where nobody is muted. */
  #hear(): boolean {
    const muted = this.programs.some(({ person }) => person.peer.view.muted)
    const hears = (program: Program) => this.now() - (this.#heardAt.get(program) ?? Number.NEGATIVE_INFINITY) < HEARD_MS
    return talk(this) && (muted || callers(this)?.every(hears) === true)
  }

  async #allOver(latest: number): Promise<void> {
    await this.world.until(() => this.people.running.length === 0, latest - this.now())
  }

  async #until(at: number): Promise<void> {
    if (at > this.now()) await this.world.run(at - this.now())
  }

  #at(at: number, run: () => void): void {
    this.world.clock.setTimeout(run, at - this.now())
  }

  #fault(fault: Fault): void {
    this.#look()
    if (!this.#faults.begin(fault)) return
    this.#done.set(fault.kind, (this.#done.get(fault.kind) ?? 0) + 1)
    this.#journal.tell('-', `fault: ${faultWords(fault)}`)
  }

  #look(): void {
    this.#connected ||= talk(this)
    for (const watch of this.#watches) watch.look?.()
  }

  #listen(): void {
    const { world } = this
    const wires = this.#watches.flatMap(watch => (watch.wire ? [watch.wire.bind(watch)] : []))
    world.onWire.push(seen => {
      this.#journal.wire(seen.data)
      this.#keys.note(seen)
      for (const wire of wires) wire(seen)
    })
    world.onHub.push(event => {
      const { event: name, ...rest } = event
      this.#journal.tell(
        'server',
        `${name} ${Object.values(rest)
          .map(value => JSON.stringify(value))
          .join(' ')}`,
      )
      for (const watch of this.#watches) watch.hub?.(event)
    })
    world.onNetwork.push((who, words) => this.#journal.tell(who, `network: ${words}`))
  }

  #started(program: Program): void {
    const { id, name, person } = program
    person.onHeard.push(({ frame }) => {
      if (frame !== null) this.#heardAt.set(program, this.now())
    })
    this.#faults.arrives(id, person.host)
    this.#gaps.watch(program)
    for (const watch of this.#watches) watch.started?.(program)
    this.#journal.tell(name, program.role === 'caller' ? 'is started' : 'is started as a second one')
  }

  #ended(program: Program): void {
    const { end, name, person } = program
    this.#connected ||= person.views.some(({ state, route }) => state === 'talking' && route !== null)
    this.#journal.tell(name, end ? `has ended: ${end.reason}${end.detail ? ` (${end.detail})` : ''}` : 'is killed')
    for (const view of person.views) this.#journal.note(name, JSON.stringify(view))
    for (const watch of this.#watches) watch.ended?.(program)
  }

  #broken(invariant: string, words: string): void {
    if (this.#violations.some(violation => violation.invariant === invariant)) return
    const at = Math.round(this.now())
    this.#violations.push({ invariant, at, words })
    this.#journal.tell('-', `BROKEN ${invariant}: ${words}`)
  }

  #endWords(id: Id): string {
    const program = this.people.current(id)
    if (!program) return 'never came'
    return program.killed ? 'killed' : (program.end?.reason ?? 'never ended')
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [, where = ''] = /at (.*)/.exec(error.stack ?? '') ?? []
  // Without a path of this machine.
  return `${error.message} at ${where.replace(/\(?file:.*\/dist\//, '(')}`
}
