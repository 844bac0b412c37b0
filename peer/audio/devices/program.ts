/** The programs that record and play for us: starting, ending and asking them. Samples travel through pipes. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** A program that doesn't end by itself within this time is killed, ms. */
const STOP_MS = 500
/** So long may one take that only has to answer, ms. */
const ANSWER_MS = 5000

/** Programs are read by their English words. */
const environment = () => ({ ...process.env, LC_ALL: 'C' })

/** A program that runs: sound goes in or comes out as raw samples, words come on stderr. */
export interface Program {
  readonly process: ChildProcess
  readonly input: Writable
  readonly output: Readable
  readonly words: Readable
}

/**
 * Starts one. In a session of its own: Ctrl-C in the terminal is ours to handle. It ends when its pipe to us breaks. `output`: on which
 * descriptor it writes sound.
 */
export function startProgram(command: string, args: readonly string[], output: 1 | 3 = 1): Program {
  const child = spawn(command, [...args], {
    stdio: ['pipe', output === 1 ? 'pipe' : 'ignore', 'pipe', output === 3 ? 'pipe' : 'ignore'],
    detached: true,
    // Windows would show a window.
    windowsHide: true,
    env: environment(),
  })
  const program = {
    process: child,
    input: child.stdin as Writable,
    output: child.stdio[output] as Readable,
    words: child.stderr as Readable,
  }
  // That it ended is known by other means.
  for (const stream of [program.input, program.output, program.words]) stream.on('error', () => {})
  return program
}

/** Ends the program and waits until it is gone. */
export function stopProgram({ process: child }: Program): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve()
  return new Promise(resolve => {
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(killer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Whether a program of that name can be started: a look at the folders of PATH is quicker than trying. */
export function isInstalled(command: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  const file = process.platform === 'win32' ? `${command}.exe` : command
  return folders.some(folder => isExecutable(join(folder, file)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** What a program says that ends soon; null when it fails, or takes longer than `limitMs`. */
export function outputOf(command: string, args: readonly string[], limitMs = ANSWER_MS): Promise<string | null> {
  return new Promise(resolve => {
    execFile(command, [...args], { timeout: limitMs, env: environment() }, (error, stdout) =>
      resolve(error ? null : stdout),
    )
  })
}

/** As `outputOf`, for a program whose refusal is worth reading. */
export function refusalOf(command: string, args: readonly string[], limitMs = ANSWER_MS): Promise<string | null> {
  return new Promise(resolve => {
    execFile(command, [...args], { timeout: limitMs, env: environment() }, (error, _stdout, stderr) =>
      resolve(error ? stderr || error.message : null),
    )
  })
}
