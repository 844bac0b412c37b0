/** What is compared: this server, and three relays that do nothing else. */
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../lab/lab.js'
import type { VitalsLine } from '../../lab/vitals.js'
import { caller } from './caller.js'
import { compile, Native } from './native.js'

/** One client on its way in. */
export interface Entrance {
  readonly n: number
  readonly port: number
  /** Whether it goes into a call, or is only there. */
  readonly calls: boolean
  readonly say: (text: string) => void
  /** Cuts it, and connects it to another server. */
  readonly reopen: (port: number) => void
  readonly ready: () => void
  readonly failed: (error: Error) => void
}

/** What it says to what it hears, until it is ready. */
export interface Talk {
  opened(): void
  text(text: string): void
}

export interface Running {
  readonly pid: number | undefined
  readonly port: number
  /** Collects garbage, and tells what the heap holds, MiB; only with the options `WATCHED`. */
  collect(): Promise<number>
}

export interface StartOptions {
  readonly lab: Lab
  readonly atEnd: (close: () => void) => void
  readonly nodeArgs?: readonly string[]
}

export interface Contender {
  readonly name: string
  /** Messages with their length in front, instead of websockets. */
  readonly raw: boolean
  /** Whether clients acknowledge what they get (protocol/relay-leg.ts). */
  readonly acknowledges: boolean
  start(options: StartOptions): Promise<Running>
  talk(entrance: Entrance): Talk
}

/** Options of Node for a program that is asked to collect its garbage. */
export const WATCHED = ['--expose-gc', '--import', new URL('../../lab/vitals.js', import.meta.url).href]
/** Longer than the bench takes, ms. */
export const LIMIT_MS = 3_600_000

export const voicechat: Contender = {
  name: 'this server',
  raw: false,
  acknowledges: true,
  start: async ({ lab, nodeArgs = [] }) => {
    // Every limit is as it comes: clients come from many addresses.
    const server = await lab.server({ limitMs: LIMIT_MS, args: ['--stun-port', 'off'], nodeArgs })
    return { pid: server.pid, port: server.port, collect: () => collect(server) }
  },
  talk: caller(),
}

/** The pair's number goes there; its answer says that both have come. */
const plainTalk: Contender['talk'] = ({ n, calls, say, ready }) => ({
  opened: () => {
    if (calls) say(`${n >> 1}`)
    else ready()
  },
  text: () => ready(),
})

function script(name: string, file: string, raw: boolean): Contender {
  return {
    name,
    raw,
    acknowledges: false,
    start: async ({ lab, nodeArgs = [] }) => {
      const path = fileURLToPath(new URL(file, import.meta.url))
      const program = lab.program(path, [], { name, limitMs: LIMIT_MS, nodeArgs })
      const { port } = await program.event(line => 'port' in line)
      return { pid: program.pid, port: Number(port), collect: () => collect(program) }
    },
    talk: plainTalk,
  }
}

export const plainWs = script('plain ws', './plain-ws.js', false)
export const plainNet = script('raw net', './plain-net.js', true)

export const epoll: Contender = {
  name: 'C epoll',
  raw: true,
  acknowledges: false,
  start: async ({ lab, atEnd }) => {
    const program = new Native(compile('epoll-relay', lab.folder))
    atEnd(() => program.kill())
    const port = await program.whileRunning<number>(resolve => {
      program.onLine = line => resolve(JSON.parse(line).port)
    })
    return { pid: program.pid, port, collect: () => Promise.reject(new Error('C collects no garbage')) }
  },
  talk: plainTalk,
}

/** Collects the garbage of a program that is `WATCHED`, and tells what its heap holds, MiB. */
export async function collect(program: ReturnType<Lab['program']>): Promise<number> {
  const seen = program.events.length
  program.kill('SIGUSR2')
  const line = await program.event(event => (event as Partial<VitalsLine>).vitals?.collected === true, 60_000, seen)
  return (line as unknown as VitalsLine).vitals.heapMb
}
