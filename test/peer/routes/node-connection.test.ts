import t from 'tap'
import type { ConnectionEvents } from '../../../peer/routes/connection.js'
import { type Home, NodeConnection, type Part } from '../../../peer/routes/node-connection.js'
import { PARTING } from '../../../peer/routes/parting.js'

const answer = 'v=0\r\na=fingerprint:sha-256 AB:CD\r\na=mid:0\r\n'
const candidate = 'candidate:1 1 udp 1 192.0.2.1 9 typ host'

/** A connection that waits for an answer, with a part that notes what is asked of it, and throws in what `faulty` has. */
function connection(faulty: Partial<Part> = {}) {
  const asked: string[] = []
  const told: string[] = []
  let home: Home | undefined
  const events: ConnectionEvents = {
    signal: ({ kind }) => told.push(kind),
    open: () => told.push('open'),
    message: bytes => told.push(`message ${bytes.join(' ')}`),
    failed: why => told.push(why),
  }
  const connection = new NodeConnection(events, given => {
    home = given
    return {
      start: () => asked.push('start'),
      meet: kind => asked.push(kind),
      consider: text => asked.push(text),
      send: bytes => asked.push(`send ${bytes.join(' ')}`),
      path: () => ({ local: 'host', remote: 'host' }),
      release: () => asked.push('release'),
      ...faulty,
    }
  })
  connection.start(true)
  return { connection, asked, told, home: home! }
}

const turn = () => new Promise(resolve => setImmediate(resolve))
const fault = () => {
  throw new Error('a fault')
}

t.test('asks of its part what belongs to it, and carries once it is open', async t => {
  const { connection: c, asked, told, home } = connection()
  c.signal({ kind: 'candidate', text: candidate })
  c.send(Uint8Array.of(1))
  c.signal({ kind: 'answer', text: answer })
  c.signal({ kind: 'candidate', text: candidate })
  home.received(Uint8Array.of(2))
  await turn()
  t.equal(c.path(), null)
  home.opened(() => 'sha-256 AB:CD')
  home.opened(() => 'sha-256 AB:CD')
  home.received('text')
  home.received(Uint8Array.of(3))
  await turn()
  c.send(Uint8Array.of(4))
  t.same(asked, ['start', 'answer', candidate, 'send 4'])
  t.same(told, ['open', 'message 3'])
  t.same(c.path(), { local: 'host', remote: 'host' })
})

t.test('is over where it came up with somebody else', async t => {
  for (const fingerprint of ['sha-256 AB:CE', '']) {
    const { connection: c, asked, told, home } = connection()
    c.signal({ kind: 'answer', text: answer })
    home.opened(() => fingerprint)
    await turn()
    c.send(Uint8Array.of(1))
    t.same(told, ['it came up with somebody else'])
    t.same(asked, ['start', 'answer', 'release'])
  }
})

t.test('does not open before anybody has described himself', async t => {
  const { told, home } = connection()
  home.opened(() => '')
  await turn()
  t.same(told, ['it came up with somebody else'])
})

t.test('is over with a throw, except where nothing depends on it', async t => {
  for (const name of ['start', 'meet', 'consider'] as const) {
    const { connection: c, asked, told } = connection({ [name]: fault })
    c.signal({ kind: 'answer', text: answer })
    c.signal({ kind: 'candidate', text: candidate })
    t.same(told, ['a fault'], name)
    t.equal(asked.at(-1), 'release')
  }
  const { connection: c, told, home } = connection({ send: fault, path: fault, release: fault })
  c.signal({ kind: 'answer', text: answer })
  home.opened(() => 'sha-256 AB:CD')
  await turn()
  c.send(Uint8Array.of(1))
  t.equal(c.path(), null)
  c.close()
  t.same(told, ['open'])
})

t.test('tells why it ended', async t => {
  const ends: readonly (readonly [(home: Home) => void, string])[] = [
    [home => home.changed('failed'), 'the connection has failed'],
    [home => home.changed('closed'), 'the connection has closed'],
    [home => home.channelClosed(), 'the other side has closed it'],
  ]
  for (const [end, why] of ends) {
    const { told, home } = connection()
    home.changed('connected')
    end(home)
    home.tell('offer', 'before it is told')
    await turn()
    home.tell('offer', 'too late')
    t.same(told, ['offer', why])
  }
})

t.test('says that it closes, and takes that word from the other side', async t => {
  const { connection: it, asked, told, home } = connection()
  it.signal({ kind: 'answer', text: answer })
  home.opened(() => home.remote.fingerprint ?? '')
  await turn()
  it.close()
  t.same(asked.slice(-2), [`send ${PARTING.join(' ')}`, 'release'])
  const other = connection()
  other.connection.signal({ kind: 'answer', text: answer })
  other.home.opened(() => other.home.remote.fingerprint ?? '')
  await turn()
  other.home.received(PARTING)
  await turn()
  t.same(other.told, ['open', 'the other side has closed it'])
  t.same(told, ['open'])
})

t.test('says nothing when it closes before it was open', async t => {
  const { connection: it, asked } = connection()
  it.close()
  t.same(asked, ['start', 'release'])
})
