/** What a server of this machine tells at /metrics. */
export class ServerMetrics {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  static async of(port: number): Promise<ServerMetrics> {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    if (!answer.ok) throw new Error(`its /metrics answers ${answer.status}: ${await answer.text()}`)
    return new ServerMetrics(await answer.text())
  }

  /** A figure, with its labels as they are written there. Throws where there is none: a name that is wrong must not count as 0. */
  figure(name: string): number {
    const line = this.#text.split('\n').find(line => line.startsWith(`${name} `))
    if (line === undefined) throw new Error(`the server tells no ${name}`)
    return Number(line.slice(name.length + 1))
  }

  /** The values of a metric that has a label, by it. */
  byLabel(name: string): Record<string, number> {
    const lines = this.#text.matchAll(new RegExp(`^${name}\\{\\w+="(\\w+)"\\} (\\S+)$`, 'gm'))
    const found = Object.fromEntries(Array.from(lines, ([, label, value]) => [label!, Number(value)]))
    if (Object.keys(found).length === 0) throw new Error(`the server tells no ${name} by a label`)
    return found
  }
}

/** Those that are not 0, for people. */
export function named(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count !== 0)
  return some.length === 0 ? 'none' : some.map(([name, count]) => `${name} ${count}`).join(', ')
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0)
}
