import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t from 'tap'
import { raceTcp } from '../../../peer/signaling/tcp-race.js'

const TARGET = { host: '127.0.0.1', port: 1 }

/** A socket that the test answers for. */
class Attempt extends EventEmitter {
  destroyed = false
  destroy() {
    this.destroyed = true
    return this
  }
}

function race() {
  const attempts: Attempt[] = []
  const outcomes: unknown[] = []
  const news = new EventEmitter()
  const stop = raceTcp(
    TARGET,
    {
      connected: socket => outcomes.push(attempts.indexOf(socket as unknown as Attempt)),
      failed: error => outcomes.push(error.message),
    },
    target => {
      const attempt = new Attempt()
      attempts.push(attempt)
      t.same(target, TARGET)
      news.emit('attempt')
      return attempt as unknown as Socket
    },
  )
  const begun = async (count: number) => {
    while (attempts.length < count) await once(news, 'attempt')
  }
  return { attempts, outcomes, stop, begun }
}

t.test('takes the first that is answered, whichever it is, and drops the others', async t => {
  for (const winner of [0, 1, 2]) {
    const { attempts, outcomes, begun } = race()
    await begun(3)
    attempts[winner]!.emit('connect')
    t.same(outcomes, [winner])
    t.same(
      attempts.map(({ destroyed }) => destroyed),
      [0, 1, 2].map(at => at !== winner),
    )
    for (const attempt of attempts) attempt.emit('connect')
    attempts[winner]!.emit('error', new Error('reset'))
    t.same(outcomes, [winner], 'what comes of them later is no outcome')
  }
})

t.test('a refusal is an answer', async t => {
  const { attempts, outcomes } = race()
  attempts[0]!.emit('error', new Error('refused'))
  t.same(outcomes, ['refused'])
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal(attempts.length, 1, 'no other is begun')
})

t.test('one that fails leaves the others their chance', async t => {
  const { attempts, outcomes, begun } = race()
  await begun(2)
  attempts[0]!.emit('error', new Error('unreachable'))
  t.same(outcomes, [])
  attempts[1]!.emit('error', new Error('refused'))
  t.same(outcomes, ['refused'])
})

t.test('tells nothing once it is given up', async t => {
  const { attempts, outcomes, stop, begun } = race()
  await begun(2)
  stop()
  t.ok(attempts.every(({ destroyed }) => destroyed))
  attempts[0]!.emit('connect')
  attempts[1]!.emit('error', new Error('refused'))
  t.same(outcomes, [])
})

t.test('connects', async t => {
  const server = createServer(socket => socket.end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = await new Promise<Socket>((connected, failed) =>
    raceTcp({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, { connected, failed }),
  )
  t.equal(String((await once(socket, 'data'))[0]), 'hello')
  server.close()
})
