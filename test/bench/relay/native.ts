/** C programs of the bench: compiled by it, and their lines. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Compiles test/bench/relay/`name`.c, and gives the program's path. */
export function compile(name: string, folder: string): string {
  const source = fileURLToPath(new URL(`../../../../test/bench/relay/${name}.c`, import.meta.url))
  const program = `${folder}/${name}`
  execFileSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'ignore', 'inherit'] })
  return program
}

/** Which of the two cores a program is to run on, or both (`0,1`); all that it starts from then on stays there. */
export function pin(pid: number | undefined, core: number | string): void {
  execFileSync('taskset', ['-a', '-p', '-c', `${core}`, `${pid}`], { stdio: 'ignore' })
}

/** A program that takes lines and says lines. */
export class Native {
  readonly #child: ChildProcess
  readonly #waiting = new Set<(error: Error) => void>()
  /** Each line of stdout. */
  onLine: (line: string) => void = () => {}
  #ended: Error | undefined

  constructor(program: string, args: readonly string[] = []) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    let said = ''
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    this.#child.stdin!.on('error', () => {})
    createInterface({ input: this.#child.stdout! }).on('line', line => this.onLine(line))
    this.#child.on('error', error => this.#end(error))
    this.#child.on('close', code => this.#end(new Error(`${program} ended (${code}): ${said.trim()}`)))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  write(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  /** Settles as `work` does; rejects when the program ends first. */
  whileRunning<T>(work: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended)
        return
      }
      this.#waiting.add(reject)
      const settled = (value: T) => {
        this.#waiting.delete(reject)
        resolve(value)
      }
      work(settled, reject)
    })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const reject of this.#waiting) reject(this.#ended)
    this.#waiting.clear()
  }
}
