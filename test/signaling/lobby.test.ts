import t from 'tap'
import { Lobby, type LobbyEffect } from '../../signaling/lobby.js'

/** A lobby whose effects are written as short lines: `to: message`, or a log line. */
function scene() {
  let n = 0
  const lobby = new Lobby(() => `call${++n}`)
  const line = (effect: LobbyEffect): string => {
    switch (effect.kind) {
      case 'joined':
        return `[${effect.ids.join('+')} ${effect.resumed ? 'resume' : 'join'} ${effect.callId}]`
      case 'ended':
        return `[${effect.ids.join('+')} end ${effect.callId} ${effect.why}]`
      case 'tell': {
        const m = effect.message
        const text =
          m.type === 'presence'
            ? `${m.to} ${m.state}`
            : m.type === 'matched'
              ? `matched ${m.peer} ${m.callId}${m.resumed ? ' resumed' : ''}`
              : m.type === 'left'
                ? `left ${m.callId} ${m.reason}`
                : m.type === 'pass'
                  ? `pass ${m.callId} ${m.data}`
                  : m.type === 'away' || m.type === 'back'
                    ? `${m.type} ${m.callId}`
                    : m.type
        return `${effect.to}: ${text}`
      }
    }
  }
  const lines = (effects: LobbyEffect[]) => effects.map(line)
  return {
    lobby,
    online: (...ids: string[]) => {
      for (const id of ids) lobby.online(id)
    },
    offline: (id: string) => lines(lobby.offline(id)),
    call: (id: string, to: string, resume?: string) => {
      const result = lobby.call(id, to, resume)
      return result.ok ? lines(result.value) : [result.error.name]
    },
    pass: (id: string, callId: string, data: string) => {
      const result = lobby.pass(id, callId, data)
      return result.ok ? lines(result.value) : [result.error.name]
    },
    leave: (id: string, reason: 'hungUp' | 'vanished' | 'unverified' = 'hungUp') => lines(lobby.leave(id, reason)),
  }
}

/** a and b online and in `call1`. */
function inCall() {
  const s = scene()
  s.online('a', 'b')
  s.call('a', 'b')
  s.call('b', 'a')
  return s
}

t.test('matches two who name each other, and says absent until then', async t => {
  const s = scene()
  s.online('Anna', 'ben')
  t.same(s.call('Anna', 'BEN'), ['anna: BEN absent'], 'online, but did not name back')
  t.same(s.call('ben', 'anna'), ['[Anna+ben join call1]', 'ben: matched Anna call1', 'anna: matched ben call1'])
  t.equal(s.lobby.calls, 1)
})

t.test('answers the same for offline and for unknown', async t => {
  const s = scene()
  s.online('a', 'b')
  t.same(s.call('a', 'b'), ['a: b absent'])
  t.same(s.call('a', 'nobody'), ['a: nobody absent'])
  s.offline('b')
  t.same(s.call('a', 'b'), ['a: b absent'])
})

t.test('refuses a call to oneself, in any case of letters', async t => {
  const s = scene()
  s.online('Anna')
  t.same(s.call('Anna', 'aNNA'), ['selfCall'])
})

t.test('refuses everything of a session that is not online', async t => {
  const s = scene()
  t.same(s.call('a', 'b'), ['notOnline'])
  t.same(s.pass('a', 'x', 'y'), ['notOnline'])
  t.same(s.leave('a'), [])
  t.same(s.offline('a'), [])
})

t.test('matches by itself when the other comes online and names back', async t => {
  const s = scene()
  s.online('a')
  s.call('a', 'b')
  s.online('b')
  t.same(s.call('b', 'a'), ['[a+b join call1]', 'b: matched a call1', 'a: matched b call1'])
})

t.test('lets a later wish replace an earlier one', async t => {
  const s = scene()
  s.online('a', 'b', 'c')
  s.call('a', 'b')
  s.call('a', 'c')
  t.same(s.call('b', 'a'), ['b: a absent'])
  t.same(s.call('c', 'a').slice(0, 1), ['[a+c join call1]'])
})

t.test('treats ids that are names of object members like any other', async t => {
  const s = scene()
  s.online('__proto__', 'constructor')
  t.same(s.call('__proto__', 'constructor'), ['__proto__: constructor absent'])
  t.same(s.call('constructor', '__proto__').slice(0, 1), ['[__proto__+constructor join call1]'])
  t.equal(s.lobby.relayTo('toString'), null)
})

t.test('passes on inside the call alone', async t => {
  const s = inCall()
  s.online('c')
  t.same(s.pass('a', 'call1', 'xyz'), ['b: pass call1 xyz'])
  t.same(s.pass('b', 'call1', 'zyx'), ['a: pass call1 zyx'])
  t.same(s.pass('a', 'call0', 'x'), ['staleCall'])
  t.same(s.pass('c', 'call1', 'x'), ['notInCall'], 'knowing the call id does not help')
  s.offline('b')
  t.same(s.pass('a', 'call1', 'x'), ['otherAway'])
})

t.test('routes relay frames inside the call alone', async t => {
  const s = inCall()
  s.online('c')
  t.equal(s.lobby.relayTo('a'), 'b')
  t.equal(s.lobby.relayTo('b'), 'a')
  t.equal(s.lobby.relayTo('c'), null)
  s.call('c', 'a')
  t.equal(s.lobby.relayTo('c'), null, 'a wish is no call')
  s.offline('b')
  t.equal(s.lobby.relayTo('a'), null)
  t.equal(s.lobby.inCall('A'), true, 'the call waits for the other side')
})

t.test('tells the other side away, and back when it resumes', async t => {
  const s = inCall()
  t.same(s.offline('a'), ['b: away call1'])
  t.equal(s.lobby.calls, 0)
  s.online('a')
  t.equal(s.lobby.relayTo('b'), null, 'back online is not yet back in the call')
  t.same(s.call('a', 'b', 'call1'), ['[a+b resume call1]', 'a: matched b call1 resumed', 'b: back call1'])
  t.equal(s.lobby.relayTo('b'), 'a')
  t.equal(s.lobby.calls, 1)
})

t.test('starts a new call for both when one comes back without resuming', async t => {
  const s = inCall()
  s.offline('a')
  s.online('a')
  t.same(s.call('a', 'b'), ['[a+b end call1 replaced]', '[a+b join call2]', 'a: matched b call2', 'b: matched a call2'])
  t.same(s.pass('b', 'call1', 'x'), ['staleCall'])
  t.equal(s.lobby.calls, 1)
})

t.test('starts a new call when one resumes another call than the other holds', async t => {
  const s = inCall()
  s.offline('a')
  s.online('a')
  t.same(s.call('a', 'b', 'call0').slice(1, 2), ['[a+b join call2]'])
})

t.test('rejoins two who both reconnect, in either order', async t => {
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const s = inCall()
    s.offline('a')
    t.same(s.offline('b'), ['[a+b end call1 bothAway]'])
    s.online('a', 'b')
    t.same(s.call(first, second, 'call1'), [`${first}: ${second} absent`])
    t.same(s.call(second, first, 'call1'), [
      '[a+b resume call1]',
      `${second}: matched ${first} call1 resumed`,
      `${first}: matched ${second} call1 resumed`,
    ])
  }
})

t.test('rejoins by call id after it lost its memory', async t => {
  const s = scene()
  s.online('a', 'b')
  s.call('a', 'b', 'earlier')
  t.same(s.call('b', 'a', 'earlier'), [
    '[a+b resume earlier]',
    'b: matched a earlier resumed',
    'a: matched b earlier resumed',
  ])
})

t.test('starts a new call when only one side, or each another, presents a call id', async t => {
  for (const [mine, yours] of [
    ['x', undefined],
    [undefined, 'x'],
    ['x', 'y'],
  ]) {
    const s = scene()
    s.online('a', 'b')
    s.call('a', 'b', mine)
    t.same(s.call('b', 'a', yours)[0], '[a+b join call1]', `${mine} and ${yours}`)
  }
})

t.test('does not let a third one into a call by its call id', async t => {
  const s = inCall()
  s.online('c')
  t.same(s.call('c', 'a', 'call1'), ['c: a absent'])
  t.equal(s.lobby.relayTo('a'), 'b')
})

t.test('answers a resume of the call that one is in, and disturbs nobody', async t => {
  const s = inCall()
  t.same(s.call('a', 'b', 'call1'), ['a: matched b call1 resumed'])
  t.equal(s.lobby.calls, 1)
})

t.test('starts a new call when one in a call names the other again', async t => {
  const s = inCall()
  t.same(s.call('a', 'b').slice(0, 2), ['[a+b end call1 replaced]', '[a+b join call2]'])
  t.equal(s.lobby.calls, 1)
})

t.test('ends call and wishes when one leaves, and tells why', async t => {
  const s = inCall()
  t.same(s.leave('a', 'unverified'), ['b: left call1 unverified', '[a+b end call1 unverified]'])
  t.same(s.leave('b'), [], 'both may hang up at once')
  t.same(s.pass('b', 'call1', 'x'), ['notInCall'])
  t.same(s.call('a', 'b'), ['a: b absent'], 'the wish of the other is over too')
  t.same(s.call('a', 'b', 'call1'), ['a: b absent'], 'nothing of the call is kept')
  t.equal(s.lobby.calls, 0)
})

t.test('ends the call of one who waits for the other to come back', async t => {
  const s = inCall()
  s.offline('a')
  t.same(s.leave('b', 'vanished'), ['[a+b end call1 vanished]'])
  s.online('a')
  t.same(s.call('a', 'b', 'call1'), ['a: b absent'])
})

t.test('takes a wish back', async t => {
  const s = scene()
  s.online('a', 'b')
  s.call('a', 'b')
  t.same(s.leave('a'), [])
  t.same(s.call('b', 'a'), ['b: a absent'])
})

t.test('hangs up for one in a call who names someone else', async t => {
  const s = inCall()
  s.online('c')
  t.same(s.call('a', 'c'), ['b: left call1 hungUp', '[a+b end call1 hungUp]', 'a: c absent'])
})

t.test('says busy only to someone whom the busy one has named', async t => {
  const s = scene()
  s.online('a', 'b', 'friend', 'stranger')
  s.call('a', 'friend')
  s.call('a', 'b')
  s.call('b', 'a')
  t.same(s.call('friend', 'a'), ['friend: a busy'])
  t.same(s.call('stranger', 'a'), ['stranger: a absent'])
  s.offline('b')
  t.same(s.call('friend', 'a'), ['friend: a busy'], 'a call whose other side is away is a call')
  t.same(s.leave('a'), ['[a+b end call1 hungUp]', 'friend: a absent'])
})

t.test('tells those who wait when the one they wait for becomes busy', async t => {
  const s = scene()
  s.online('a', 'b', 'friend')
  s.call('a', 'friend')
  s.call('a', 'b')
  t.same(s.call('friend', 'a'), ['friend: a absent'])
  t.same(s.call('b', 'a').at(-1), 'friend: a busy')
})

t.test('forgets whom a session named when the session ends, and after eight others', async t => {
  const s = inCall()
  s.online('friend')
  s.leave('a')
  s.call('a', 'friend')
  for (let i = 0; i < 7; i++) s.call('a', `other${i}`)
  s.call('a', 'b')
  s.call('b', 'a')
  t.same(s.call('friend', 'a'), ['friend: a absent'], 'eight others')
  const r = scene()
  r.online('a', 'b', 'friend')
  r.call('a', 'friend')
  r.offline('a')
  r.online('a')
  r.call('a', 'b')
  r.call('b', 'a')
  t.same(r.call('friend', 'a'), ['friend: a absent'], 'a new session')
})

t.test('keeps its count of calls over any sequence of events', async t => {
  const s = scene()
  const ids = ['a', 'b', 'c', 'd']
  let seed = 7
  const next = (n: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % n
  }
  const present = new Set<string>()
  for (let i = 0; i < 20_000; i++) {
    const id = ids[next(4)]!
    if (!present.has(id)) {
      present.add(id)
      s.online(id)
    } else if (next(6) === 0) {
      present.delete(id)
      s.offline(id)
    } else if (next(4) === 0) s.leave(id)
    else s.call(id, ids[next(4)]!, next(2) ? `call${next(40)}` : undefined)
    let joined = 0
    for (const one of ids) {
      const other = s.lobby.relayTo(one)
      if (!other) continue
      joined++
      if (s.lobby.relayTo(other) !== one) t.fail(`step ${i}: ${one} reaches ${other}, but not back`)
    }
    if (joined !== 2 * s.lobby.calls) return t.fail(`step ${i}: ${joined} sides, ${s.lobby.calls} calls`)
  }
  t.equal(s.lobby.peers, present.size)
})

t.test('tells for whom a call begins: not for one who is called anew, nor where it was here before', async t => {
  const { lobby } = scene()
  const begun = (id: string, to: string, resume?: string) => {
    const result = lobby.call(id, to, resume)
    return result.ok ? result.value.flatMap(effect => (effect.kind === 'joined' ? effect.begunBy : [])) : []
  }
  for (const id of ['a', 'b', 'c']) lobby.online(id)
  t.same(begun('a', 'b'), [])
  t.same(begun('b', 'a'), ['b', 'a'])
  t.same(begun('a', 'b'), ['a'], 'b talks with a already')
  const callId = lobby.callOf('b')!
  lobby.offline('a')
  lobby.online('a')
  t.same(begun('a', 'b', callId), [])
  t.equal(lobby.callOf('a'), callId)
  for (const id of ['a', 'b']) lobby.offline(id)
  for (const id of ['a', 'b']) lobby.online(id)
  t.same(begun('a', 'b', callId), [])
  t.same(begun('b', 'a', callId), ['a', 'b'], 'this server does not know it')
})
