/** What the doctor prints: a line for each check and one for what to do, or with `--json` an object for each. */
import { type CheckName, checkNames, type Finding, type Verdict } from '../doctor/finding.js'
import type { JsonEvent } from './json-output.js'
import { plainText } from './plain-text.js'

/** What takes longer is named, ms. */
const LONG_MS = 1_000

const VERDICT_WIDTH = 'skipped'.length
const NAME_WIDTH = Math.max(...checkNames.map(name => name.length))

/** Findings go to stdout, what happens meanwhile to stderr. */
export class DoctorOutput {
  readonly #counts: Record<Verdict, number> = { ok: 0, warning: 0, fault: 0, skipped: 0 }
  #last = ''

  constructor(
    private readonly json: boolean,
    private readonly write: (text: string) => void = text => void process.stdout.write(text),
    private readonly writeProgress: (text: string) => void = text => void process.stderr.write(text),
  ) {}

  progress(line: string): void {
    if (line !== this.#last) this.writeProgress(`${line}\n`)
    this.#last = line
  }

  /** Waits for a check, and says so when it takes long. */
  async waitFor(name: CheckName, finding: Promise<Finding>): Promise<Finding> {
    const before = this.#last
    const timer = setTimeout(() => {
      // Unless the check says something itself.
      if (this.#last === before) this.progress(`Checking ${name} ...`)
    }, LONG_MS)
    try {
      return await finding
    } finally {
      clearTimeout(timer)
    }
  }

  show(name: CheckName, { verdict, seen, todo }: Finding): void {
    this.#counts[verdict]++
    if (this.json) {
      const event: JsonEvent = { event: 'check', t: Date.now(), name, verdict, seen, todo }
      this.write(`${JSON.stringify(event)}\n`)
      return
    }
    this.write(findingLines(name, { verdict, seen, todo }))
  }

  close(): void {
    if (!this.json) this.write(`\n${summary(this.#counts)}\n`)
  }
}

/** `ok       server         ...`, and under it what to do. */
export function findingLines(name: CheckName, { verdict, seen, todo }: Finding): string {
  const head = `${verdict.padEnd(VERDICT_WIDTH)}  ${name.padEnd(NAME_WIDTH)}  `
  const line = `${head}${plainText(seen)}\n`
  return todo === '' ? line : `${line}${' '.repeat(head.length)}-> ${plainText(todo)}\n`
}

export function summary({ fault, warning, skipped }: Readonly<Record<Verdict, number>>): string {
  const count = (n: number, what: string) => (n === 0 ? [] : [`${n} ${what}${n === 1 ? '' : 's'}`])
  const found = [...count(fault, 'fault'), ...count(warning, 'warning')]
  const rest = skipped === 0 ? '' : ` ${skipped} not checked.`
  if (found.length === 0) return `Nothing is wrong.${rest} Now try the whole path: voicechat-peer --test-call`
  return `${found.join(' and ')}: see what to do above.${rest}`
}
