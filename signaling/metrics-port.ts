/** A listener of its own for monitors: whoever reaches it sees the figures, so it belongs into a private network. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reasonOf } from '../protocol/reason.js'
import type { MetricsAddress } from './metrics-address.js'
import { type Pages, text } from './pages.js'
import { ServerProblem } from './server-problem.js'

export interface MetricsPort {
  readonly port: number
  /** Until it has any to show, it answers that the server starts. */
  show(pages: Pages): void
  close(): Promise<void>
}

/** A monitor has so long for its request, ms; there are few of them. */
const REQUEST_MS = 5000
const MOST = 32

/** Rejects with a ServerProblem. */
export async function openMetricsPort({ host, port }: MetricsAddress): Promise<MetricsPort> {
  const limits = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: 1000 }
  let shown: Pages | undefined
  const http = createServer(limits, (request, response) => {
    if (shown) shown.answer(request, response, true)
    else text(response, 503, 'Starting.\n')
  })
  http.maxConnections = MOST
  http.listen({ host, port })
  try {
    await once(http, 'listening')
  } catch (error) {
    throw new ServerProblem(
      'noMetricsPort',
      `The server can't listen at ${host}, port ${port}, for its figures: ${reasonOf(error)}.`,
      'Choose another address of this machine, or another port, with --metrics-listen.',
    )
  }
  return {
    port: (http.address() as AddressInfo).port,
    show: pages => {
      shown = pages
    },
    close: async () => {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
}
