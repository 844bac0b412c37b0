/** A real server whose figures are read. */
import type { Test } from 'tap'
import { openMetrics } from '../../signaling/metrics.js'
import { startServer } from '../../signaling/server.js'
import type { ServerOptions } from '../../signaling/server-options.js'
import { type Family, numberOf, parseExposition } from './exposition.js'
import type { WsClient } from './ws-client.js'

export async function serve(t: Test, options: ServerOptions = {}) {
  const server = await startServer({ host: '127.0.0.1', port: 0, stunPort: null, metrics: openMetrics, ...options })
  t.teardown(() => server.close())
  const at = `127.0.0.1:${server.port}`
  const read = async () => parseExposition(await (await fetch(`http://${at}/metrics`)).text())
  /** What has changed between two readings, without the process's own. */
  const since = async (before: Map<string, Family>) => {
    const after = await read()
    const all = [...after.values()].filter(({ name }) => /^voicechat_(?!event_loop)/.test(name))
    const samples = all.flatMap(({ samples }) => samples).filter(({ name }) => !/_(sum|bucket)$/.test(name))
    return Object.fromEntries(
      samples.flatMap(({ name, labels, value }) => {
        const more = value - numberOf(before, name, labels)
        return more === 0 ? [] : [[[name.replace('voicechat_', ''), ...Object.values(labels)].join(' '), more]]
      }),
    )
  }
  return { server, at, url: `ws://${at}`, read, since }
}

/** The server has taken all that this client sent. */
export async function taken(client: WsClient) {
  client.say({ type: 'ping', n: 1 })
  await client.next('pong')
}
