/** Answers to plain HTTP: whether the server is well, whether it takes new calls, and its figures. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { reasonOf } from '../protocol/reason.js'
import type { MetricsPage } from './metrics-page.js'
import type { Readiness } from './readiness.js'

export interface PagesOptions {
  readonly readiness: Readiness
  /** What `/healthz` tells. */
  readonly health: () => object
  /** Null: there are none. */
  readonly metrics: MetricsPage | null
}

export class Pages {
  readonly #options: PagesOptions

  constructor(options: PagesOptions) {
    this.#options = options
  }

  /** Answers, and ends the connection. `insider`: who asks may see the figures. False: there is no such page. */
  answer(request: IncomingMessage, response: ServerResponse, insider: boolean): boolean {
    const { readiness, health, metrics } = this.#options
    const path = request.method === 'GET' ? pathOf(request) : ''
    if (path === '/healthz') json(response, 200, health())
    else if (path === '/readyz') {
      const { holds } = readiness
      if (holds.length > 0) json(response, 503, { status: 'not ready', reasons: holds })
      else json(response, 200, { status: 'ready' })
    } else if (path === '/metrics' && insider && metrics) void show(response, metrics)
    else {
      text(response, 404, 'Not found.\n')
      return false
    }
    return true
  }
}

async function show(response: ServerResponse, metrics: MetricsPage): Promise<void> {
  try {
    text(response, 200, await metrics.read(), metrics.contentType)
  } catch (error) {
    text(response, 500, `${reasonOf(error)}\n`)
  }
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0]!
}

function json(response: ServerResponse, status: number, value: object): void {
  text(response, status, JSON.stringify(value), 'application/json')
}

export function text(response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType, connection: 'close' }).end(body)
}
