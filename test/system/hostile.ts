import { connect } from 'node:net'
import { legAck, legFrame } from '../leg-message.js'
import { newIdentity } from '../signaling/fake-client.js'
import { WsClient } from '../signaling/ws-client.js'

const text16 = 'A'.repeat(22)
const IDS = ['__proto__', 'constructor', '', ' ', 'a b', '../x', 'ä', 'x'.repeat(33), '\u0000', 'ABC\n']
const VALUES = [null, true, -1, 1.5, [], {}, '', '\u0000', '🙂'.repeat(400), { __proto__: null }]
const FIELDS: Record<string, Record<string, unknown>> = {
  call: { to: 'x', resume: text16 },
  pass: { callId: text16, data: 'AAAA' },
  leave: { reason: 'hungUp' },
  ping: { n: 1 },
}

/** Wrong in words, in types, in length, in place. */
function* messages(): Generator<string | Uint8Array> {
  yield* ['', 'hello', '{', '[', 'null', '0', '"ping"', '[]', '{}', '{"type":1}', '\u0000', '{"type":"ping","n":NaN}']
  yield* ['[', '{"a":'].map(open => open.repeat(2000))
  yield* ['__proto__', 'constructor', 'toString', 'online', 'matched', ''].map(type => JSON.stringify({ type }))
  for (const [type, fields] of Object.entries(FIELDS))
    for (const field of Object.keys(fields))
      for (const value of VALUES)
        for (const more of [{}, { extra: 1 }]) yield JSON.stringify({ type, ...fields, [field]: value, ...more })
  for (const to of IDS) yield JSON.stringify({ type: 'call', to })
  yield '{"__proto__":{"type":"ping","n":1}}'
  yield JSON.stringify({ type: 'login', v: 1 })
  yield JSON.stringify({ type: 'pass', callId: text16, data: 'AAAA' })
  yield JSON.stringify({ type: 'pass', callId: text16, data: 'A'.repeat(12_000) })
  for (let n = 0; n < 30; n++) yield Uint8Array.from({ length: n }, (_, i) => (i === 0 ? n % 4 : 255 - n))
  for (let n = 0; n < 10; n++) yield legFrame(n, [1, 2, 3])
  for (let n = 0; n < 10; n++) yield legAck(0xffff_ff00 + n)
  for (let n = 0; n < 12; n++) yield n % 2 ? 'x'.repeat(1 << 20) : new Uint8Array(1 << 20)
}

/** Messages to an owner of a connection get few answers before it is closed. */
const A_CONNECTION = 12

/** Sends them all, some before a login, most after it; how often which answer came. `nothing`: it did not come in time. */
export async function hostileMessages(url: string): Promise<Map<string, number>> {
  const answers = new Map<string, number>()
  const count = (answer: string) => answers.set(answer, (answers.get(answer) ?? 0) + 1)
  let client: WsClient | undefined
  let [used, connections] = [0, 0]
  const identity = newIdentity()
  for (const message of messages()) {
    if (!client || client.closed || used++ >= A_CONNECTION) {
      client?.socket.terminate()
      client = await WsClient.online(url, `hostile-${connections++}`, identity)
      used = 0
    }
    count(await answerTo(client, message))
  }
  client?.socket.terminate()
  for (const message of [Uint8Array.of(1, 2, 3), new Uint8Array(0), '{', '{"type":"login"}', new Uint8Array(1 << 20)]) {
    const stranger = await WsClient.open(url)
    count(await answerTo(stranger, message))
    stranger.socket.terminate()
  }
  return answers
}

async function answerTo(client: WsClient, message: string | Uint8Array): Promise<string> {
  const from = client.heard.length
  client.socket.send(message)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(() => resolve('late'), 5000)
  })
  const answered = client.until(() => client.heard.length > from).catch(() => {})
  const outcome = await Promise.race([answered, late])
  clearTimeout(timer)
  if (outcome === 'late') return 'nothing'
  const answer = client.heard[from]
  if (answer?.type === 'error') return answer.name
  return answer?.type ?? `closed ${client.closed?.code} ${client.closed?.reason}`.trim()
}

/** Connections that begin something and leave it at that. */
export function hostileSockets(port: number): { close(): void } {
  const sockets = Array.from({ length: 20 }, (_, n) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    if (n % 3 === 1) socket.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: webso')
    if (n % 3 === 2) socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]))
    return socket
  })
  return {
    close: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
