/** Does to a world what a scenario's faults say, and ends what they say lasts for a time. Faults of a kind may overlap. */
import type { Fault, Id, Quality } from './fault.js'
import type { Host } from './host.js'
import { perfect } from './path.js'
import type { Person } from './person.js'
import { isRunning, type Program } from './play-program.js'
import { Tampering } from './play-tamper.js'
import type { Troubles } from './play-trouble.js'
import type { Scenario } from './scenario.js'
import { USUAL, type World } from './world.js'

/** What the play does itself: its people. */
export interface Actors {
  /** The program that someone calls with now, or the last one. */
  current(id: Id): Program | undefined
  again(id: Id, killed: boolean, afterMs: number): void
  bothAgain(afterMs: number): void
  second(id: Id, own: boolean, forMs: number): void
  now(): number
}

type Way = 'up' | 'down'
type Edge = readonly [from: Id, to: Id | 'server']

const PARTITIONS: { readonly [between: string]: readonly Edge[] } = {
  'ABC-server': [['ABC', 'server']],
  'XYZ-server': [['XYZ', 'server']],
  'ABC-XYZ': [['ABC', 'XYZ']],
  all: [
    ['ABC', 'server'],
    ['XYZ', 'server'],
    ['ABC', 'XYZ'],
  ],
}

export class Faults {
  readonly #world: World
  readonly #scenario: Scenario
  readonly #troubles: Troubles
  readonly #actors: Actors
  readonly #tampering: Tampering
  /** What lasts now. */
  readonly #worse = new Set<{ readonly who: Id; readonly ways: readonly Way[]; readonly quality: Quality }>()
  readonly #blocked = new Set<{ readonly edges: readonly Edge[]; readonly oneWay: boolean }>()
  readonly #spoiled = new Set<{ readonly edges: readonly Edge[]; readonly quality: Quality }>()
  readonly #nats = new Map<Id, Host['nat']['kind']>()
  readonly #still = new Map<Host, { stopped: number; asleep: number }>()
  #serverDown = 0

  constructor(world: World, scenario: Scenario, troubles: Troubles, actors: Actors) {
    this.#world = world
    this.#scenario = scenario
    this.#troubles = troubles
    this.#actors = actors
    this.#tampering = new Tampering(world)
  }

  /** Does one. False: there was nothing to do it to. */
  begin(fault: Fault): boolean {
    const program = 'who' in fault ? this.#actors.current(fault.who) : undefined
    // Who has hung up may call again, who has not come yet may not.
    if ('who' in fault && !(fault.kind === 'again' ? program : isRunning(program))) return false
    const trouble = this.#troubles.begin(fault.kind, this.#actors.now())
    const end = this.#do(fault, program)
    const over = () => {
      end?.()
      trouble.to = this.#actors.now()
    }
    if (end && 'forMs' in fault) this.#world.clock.setTimeout(over, fault.forMs)
    else over()
    return true
  }

  /** A new machine meets what lasts. */
  arrives(id: Id, host: Host): void {
    const nat = this.#nats.get(id)
    if (nat) host.setNat(nat)
    this.#applyQuality(id)
    this.#applyBlocks()
    this.#applySpoiled()
  }

  /** Returns how to end it, where it lasts. */
  #do(fault: Fault, program: Program | undefined): (() => void) | undefined {
    const { person } = program ?? {}
    switch (fault.kind) {
      case 'cut':
      case 'strand':
      case 'move':
        return void person?.[fault.kind]()
      case 'nat':
        this.#nats.set(fault.who, fault.nat)
        return void person?.host.setNat(fault.nat)
      case 'mute':
      case 'unmute':
      case 'confirm':
        return void person?.peer.do({ type: fault.kind })
      case 'partition':
        return this.#block(PARTITIONS[fault.between] ?? [], false)
      case 'directDies':
        return this.#block([fault.way === 'XYZ-ABC' ? ['XYZ', 'ABC'] : ['ABC', 'XYZ']], fault.way !== 'both')
      case 'directWorse': {
        const there: Edge = ['ABC', 'XYZ']
        const back: Edge = ['XYZ', 'ABC']
        return this.#spoil(
          fault.way === 'both' ? [there, back] : fault.way === 'ABC-XYZ' ? [there] : [back],
          fault.quality,
        )
      }
      case 'worse':
        return this.#worsen(fault.who, fault.way === 'both' ? ['up', 'down'] : [fault.way], fault.quality)
      case 'stop':
        return this.#hold(person, 'stopped')
      case 'sleep':
        return this.#hold(person, 'asleep')
      case 'crash':
        return this.#server(() => this.#world.server.crash())
      case 'restart':
        return this.#server(() => this.#world.server.restart(fault.forMs))
      case 'tamper':
        return this.#tampering.begin(fault, () => this.#actors.current(fault.who)?.name)
      case 'again':
        return void this.#actors.again(fault.who, fault.killed, fault.afterMs)
      case 'bothAgain':
        return void this.#actors.bothAgain(fault.afterMs)
      case 'second':
        this.#actors.second(fault.who, fault.own, fault.forMs)
        return () => {}
    }
  }

  /** The server is away; it comes back when the last fault that wants it away is over. */
  #server(goAway: () => void): () => void {
    this.#serverDown++
    goAway()
    return () => {
      this.#serverDown--
      // A polite restart ends by itself.
      if (this.#serverDown === 0 && !this.#world.server.listening) this.#world.server.start()
    }
  }

  #hold(person: Person | undefined, how: 'stopped' | 'asleep'): () => void {
    if (!person) return () => {}
    const still = this.#still.get(person.host) ?? { stopped: 0, asleep: 0 }
    this.#still.set(person.host, still)
    still[how]++
    if (how === 'stopped') person.stop()
    else person.sleep()
    return () => {
      still[how]--
      if (still[how] > 0) return
      if (how === 'stopped') person.go()
      else person.wake()
    }
  }

  #block(edges: readonly Edge[], oneWay: boolean): () => void {
    const block = { edges, oneWay }
    this.#blocked.add(block)
    this.#applyBlocks()
    return () => {
      this.#blocked.delete(block)
      for (const [from, to] of edges) this.#each(from, to, (a, b) => this.#world.network.heal(a, b))
      this.#applyBlocks()
    }
  }

  #applyBlocks(): void {
    for (const { edges, oneWay } of this.#blocked)
      for (const [from, to] of edges) this.#each(from, to, (a, b) => this.#world.network.partition(a, b, oneWay))
  }

  #spoil(edges: readonly Edge[], quality: Quality): () => void {
    const spoiled = { edges, quality }
    this.#spoiled.add(spoiled)
    this.#applySpoiled()
    return () => {
      this.#spoiled.delete(spoiled)
      for (const [from, to] of edges) this.#each(from, to, (a, b) => this.#world.network.between(a, b, null))
      this.#applySpoiled()
    }
  }

  /** The latest of two that overlap counts. */
  #applySpoiled(): void {
    for (const { edges, quality } of this.#spoiled)
      for (const [from, to] of edges) this.#each(from, to, (a, b) => this.#world.network.between(a, b, quality))
  }

  /** Whichever machines these have or had. */
  #each(from: Id, to: Id | 'server', run: (a: Host, b: Host) => void): void {
    const others = to === 'server' ? [this.#world.server.host] : this.#hostsOf(to)
    for (const a of this.#hostsOf(from)) for (const b of others) run(a, b)
  }

  #hostsOf(id: Id): Host[] {
    return this.#world.people.map(({ host }) => host).filter(({ name }) => name.split(' ')[0] === id)
  }

  #worsen(who: Id, ways: readonly Way[], quality: Quality): () => void {
    const worse = { who, ways, quality }
    this.#worse.add(worse)
    this.#applyQuality(who)
    return () => {
      this.#worse.delete(worse)
      this.#applyQuality(who)
    }
  }

  /** As the scenario has it, and what makes it worse now on top, the latest last. */
  #applyQuality(id: Id): void {
    for (const host of this.#hostsOf(id))
      for (const way of ['up', 'down'] as const) {
        const worse = [...this.#worse].filter(({ who, ways }) => who === id && ways.includes(way))
        Object.assign(
          host[way].quality,
          PLAIN,
          this.#scenario.people[id].access,
          ...worse.map(({ quality }) => quality),
        )
      }
  }
}

/** How an access is where a scenario says nothing; whether it is down is no matter of quality. */
const { down: _, ...flawless } = perfect
const PLAIN = { ...flawless, ...USUAL }
