/** Questions at a terminal. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Asks until there is an answer. Rejects with an AbortError on Ctrl-C and on the end of input. */
export async function ask(question: string, options: { echo: boolean } = { echo: true }): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: options.echo ? process.stderr : silent,
    terminal: true,
  })
  const gone = new AbortController()
  lines.once('SIGINT', () => gone.abort())
  lines.once('close', () => gone.abort())
  try {
    for (;;) {
      if (!options.echo) process.stderr.write(question)
      const answer = await lines.question(options.echo ? question : '', { signal: gone.signal })
      if (!options.echo) process.stderr.write('\n')
      if (answer !== '') return answer
    }
  } finally {
    lines.close()
  }
}
