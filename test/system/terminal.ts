/** A real terminal, for what only a terminal shows: tmux, with a shell in it. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Lab } from '../lab/lab.js'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../program/peer.js', import.meta.url))
/** The terminal ends by itself after this, should the test die, s. */
const LIMIT = 280

/** What an automaton's environment says of colours is not meant for a person's terminal. */
const NOT_A_PERSONS = ['CI', 'FORCE_COLOR', 'NO_COLOR']

export class Terminal {
  static #count = 0
  readonly #socket: string
  readonly #raw: string

  private constructor(lab: Lab) {
    const n = Terminal.#count++
    this.#socket = lab.path(`tmux-${n}`)
    this.#raw = lab.path(`terminal-${n}`)
  }

  /** Null, or the reason why there can be no terminal here. */
  static missing(): string | null {
    const { status } = spawnSync('tmux', ['-V'], { stdio: 'ignore' })
    return status === 0 ? null : 'tmux is not installed (Debian: apt install tmux)'
  }

  /** Opens one with a shell that waits for input. `env`: added to the environment. Its program's home is its own. */
  static async open(
    lab: Lab,
    { columns = 80, rows = 24, env = {} }: { columns?: number; rows?: number; env?: Record<string, string> } = {},
  ) {
    const terminal = new Terminal(lab)
    const home = `${terminal.#socket}-home`
    const own = { XDG_CONFIG_HOME: home, HOME: home, ENV: '', NO_PROXY: '*', LC_ALL: 'C.UTF-8', ...env }
    const set = Object.entries(own).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const unset = NOT_A_PERSONS.filter(name => !(name in env)).flatMap(name => ['-u', name])
    await terminal.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      `${columns}`,
      '-y',
      `${rows}`,
      ...set,
      'env',
      ...unset,
      'sh',
    )
    await terminal.#tmux('run-shell', '-b', '-d', `${LIMIT}`, '-C', 'kill-server')
    await terminal.#tmux('pipe-pane', `cat >> '${terminal.#raw}'`)
    await terminal.until(/[#$%>]/)
    await terminal.command("PS1='$ '; clear")
    await terminal.until(/^\$ ?$/)
    return terminal
  }

  /** Types a command line. */
  async command(line: string): Promise<void> {
    await this.type(line)
    await this.key('Enter')
  }

  /** Starts voicechat-peer from the shell, after something else. */
  async peer(args: readonly string[], before = 'clear'): Promise<void> {
    await this.command(`${before}; "${process.execPath}" "${main}" ${args.join(' ')}`)
  }

  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text)
  }

  /** A key by tmux's name: Enter, C-c. */
  async key(name: string): Promise<void> {
    await this.#tmux('send-keys', name)
  }

  /** What is to be seen, a line each, without empty ones at the end. */
  async screen(): Promise<string[]> {
    return (await this.#tmux('capture-pane', '-p')).trimEnd().split('\n')
  }

  /** All there is since the shell was cleared, what went up into the history included; lines that were wrapped are whole again. */
  async history(): Promise<string[]> {
    const lines = (await this.#tmux('capture-pane', '-p', '-J', '-S', '-')).split('\n').map(line => line.trimEnd())
    return lines.slice(0, lines.findLastIndex(line => line !== '') + 1)
  }

  /** Sends a signal to the program that the shell runs. */
  async signal(name: 'TERM' | 'USR2'): Promise<void> {
    const shell = (await this.#tmux('display-message', '-p', '#{pane_pid}')).trim()
    const child = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim()
    if (!/^\d+$/.test(child)) throw new Error(`the shell runs not one program, but "${child}"`)
    process.kill(Number(child), `SIG${name}`)
  }

  /** Stops the terminal for a while: it takes nothing that is written to it. */
  async stopFor(ms: number): Promise<void> {
    const pid = Number(await this.#tmux('display-message', '-p', '#{pid}'))
    process.kill(pid, 'SIGSTOP')
    await sleep(ms)
    process.kill(pid, 'SIGCONT')
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`)
  }

  /** All that was written to the terminal, control codes included. */
  raw(): string {
    return readFileSync(this.#raw, 'utf8')
  }

  /** Waits until the text on the screen matches; rejects with what is there instead. */
  async until(text: RegExp, timeoutMs = 20_000): Promise<string[]> {
    for (const end = Date.now() + timeoutMs; ; await sleep(50)) {
      const screen = await this.screen()
      if (text.test(screen.join('\n'))) return screen
      if (Date.now() > end) throw new Error(`${text} does not come up in the terminal:\n${screen.join('\n')}`)
    }
  }

  /** The terminal's modes, as stty saves them. */
  async modes(): Promise<string> {
    await this.command('clear; stty -g; echo done')
    const screen = await this.until(/^done$/m)
    return screen.find(line => /^[0-9a-f:]{20,}/.test(line)) ?? `no modes in ${screen.join('\n')}`
  }

  /** What is to be seen with colours and styles as escape sequences, and where the cursor stands; null: hidden. */
  async painted(): Promise<{ lines: string[]; cursor: { column: number; row: number } | null }> {
    const lines = (await this.#tmux('capture-pane', '-p', '-e')).trimEnd().split('\n')
    const where = await this.#tmux('display-message', '-p', '#{cursor_flag} #{cursor_x} #{cursor_y}')
    const [shown, column = 0, row = 0] = where.trim().split(' ').map(Number)
    return { lines, cursor: shown ? { column, row } : null }
  }

  /** Waits until nothing more is written for a moment, ms. */
  async settled(ms = 60): Promise<void> {
    for (let before = -1; before !== this.raw().length; await sleep(ms)) before = this.raw().length
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => {})
  }

  async #tmux(...args: string[]): Promise<string> {
    return (await run('tmux', ['-u', '-S', this.#socket, ...args])).stdout
  }
}
