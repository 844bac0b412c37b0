/** A terminal in which ABC talks with XYZ, who is another program. */
import type { Test } from 'tap'
import type { PeerEvent } from '../lab/event.js'
import type { Lab, Peer } from '../lab/lab.js'
import { Terminal } from './terminal.js'

export const QUIET = ['--mic', 'none', '--speaker', 'none']
const isState = (state: string) => (event: PeerEvent) => event.event === 'state' && event.state === state

let servers = 0

export interface ScreenCallOptions {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Record<string, string>
  /** Added to ABC's command line. */
  readonly args?: readonly string[]
  /** XYZ's devices. */
  readonly otherArgs?: readonly string[]
  /** What the shell does first. */
  readonly before?: string
  /** What shows that it waits, and that it talks. */
  readonly waiting?: RegExp
  readonly talking?: RegExp
}

export async function screenCall(t: Test, lab: Lab, options: ScreenCallOptions = {}) {
  const {
    args = QUIET,
    otherArgs = QUIET,
    waiting = /waiting for XYZ/,
    talking = /Delay .* round trip/,
    before,
    ...size
  } = options
  // ABC is another program in each test: the server must not remember.
  const server = await lab.server({ stateDir: lab.path(`server-${servers++}`) })
  t.teardown(() => server.stop())
  const terminal = await Terminal.open(lab, size)
  t.teardown(() => terminal.close())
  const modes = await terminal.modes()
  await terminal.peer(['--id', 'ABC', '--to', 'XYZ', '--server', server.url, ...args], before)
  await terminal.until(waiting)
  const other: Peer = lab.peer(['--id', 'XYZ', '--to', 'ABC', '--server', server.url, ...otherArgs, '--json'], {
    name: 'XYZ',
  })
  await other.event(isState('talking'), 20_000)
  await terminal.until(talking)
  return { terminal, other, modes, server }
}

/** For whoever reads the test's output: what a person would have seen. */
export function show(t: Test, what: string, screen: readonly string[]): void {
  t.comment(`${what}\n${screen.map(line => `    |${line}`).join('\n')}`)
}
