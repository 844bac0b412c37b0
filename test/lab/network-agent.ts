import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { NetworkLab } from './network.js'
import type { AgentCommand, AgentEvent } from './network-agent-main.js'

/** All agents talk from here unless told otherwise. */
export const PORT = 7000

/** Somebody in a network lab who asks and answers by UDP and TCP; ends with the lab or with the test process. */
export class Agent {
  readonly events: AgentEvent[] = []
  readonly #child: ChildProcess

  constructor(lab: NetworkLab, place: 'a' | 'b' | 'server', port = PORT) {
    const [ip, ...how] = lab.within(place)
    const script = fileURLToPath(new URL('./network-agent-main.js', import.meta.url))
    const stdio = ['pipe', 'pipe', 'inherit'] as const
    this.#child = spawn(ip!, [...how, process.execPath, script, `${port}`], { stdio: [...stdio] })
    this.#child.stdin!.on('error', () => {})
    createInterface({ input: this.#child.stdout! }).on('line', line => this.events.push(JSON.parse(line)))
  }

  tell(command: AgentCommand): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`)
  }

  /** The first event of this kind from number `from` on, or undefined when none comes in time. */
  async hears(kind: AgentEvent['kind'], from = 0, timeoutMs = 5000): Promise<AgentEvent | undefined> {
    for (const until = Date.now() + timeoutMs; ; await sleep(10)) {
      const found = this.events.slice(from).find(event => event.kind === kind)
      if (found || Date.now() > until) return found
    }
  }

  /** What it hears in answer to a question by UDP: its own address as seen there. Undefined when nothing comes, three times. */
  async asks(to: string, times = 3, patienceMs = 1000): Promise<string | undefined> {
    for (let i = 0; i < times; i++) {
      const from = this.events.length
      this.tell({ do: 'udp', to, text: 'ask' })
      const answer = await this.hears('udp', from, patienceMs)
      if (answer) return answer.text
    }
    return undefined
  }

  /** Dials, and asks by TCP. */
  async dials(to: string): Promise<string | undefined> {
    const from = this.events.length
    this.tell({ do: 'dial', to })
    if (!(await this.hears('connected', from))) return undefined
    this.tell({ do: 'tcp', text: 'ask' })
    return (await this.hears('tcp', from))?.text
  }
}

/** One in each place, when they listen. */
export async function agents<T extends 'a' | 'b' | 'server'>(
  lab: NetworkLab,
  ...places: T[]
): Promise<Record<T, Agent>> {
  const all = places.map(place => [place, new Agent(lab, place)] as const)
  for (const [place, agent] of all)
    if (!(await agent.hears('ready', 0, 20_000))) throw new Error(`no agent runs in ${place}`)
  return Object.fromEntries(all) as Record<T, Agent>
}
