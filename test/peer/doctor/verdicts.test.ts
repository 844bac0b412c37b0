/** What each check says of what it sees; all I/O is made up. */
import t from 'tap'
import { SILENCE_DB } from '../../../peer/audio/level.js'
import type { StunAnswers } from '../../../peer/doctor/ask-stun.js'
import { checkClock } from '../../../peer/doctor/clock.js'
import { checkConfiguration } from '../../../peer/doctor/configuration.js'
import { checkDirect } from '../../../peer/doctor/direct.js'
import { checkNat, natKind } from '../../../peer/doctor/nat.js'
import { checkPort } from '../../../peer/doctor/port.js'
import { checkServer, type ServerFacts } from '../../../peer/doctor/server.js'
import { type HeardSound, judgeSound } from '../../../peer/doctor/sound.js'
import { checkStun, stunPorts } from '../../../peer/doctor/stun.js'
import { checkVersions, isOlder } from '../../../peer/doctor/versions.js'
import { fail, ok } from '../../../protocol/result.js'
import { inMemoryConnect } from './in-memory-engine.js'

t.test('versions: an old Node is a fault', async t => {
  const check = (node: string) => checkVersions({ node, engines: '>=20.19', program: '0.1.0', system: 'linux x64' })
  t.match(check('18.20.4'), { verdict: 'fault', seen: /Node 18\.20\.4/, todo: /Install Node 20\.19 or later/ })
  t.equal(check('20.18.3').verdict, 'fault')
  for (const node of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) t.equal(check(node).verdict, 'ok', node)
  t.ok(isOlder('9.9', '10.0'))
  t.notOk(isOlder('20.19', '20.19'))
})

t.test('configuration: tells all that is wrong at once', async t => {
  const problem = Object.assign(new Error('The port is none.'), { hint: 'Take a number.' })
  const bad = [async () => 1, async () => Promise.reject(problem), async () => Promise.reject(new Error('And this.'))]
  t.same(await checkConfiguration(bad, '/home/a'), {
    verdict: 'fault',
    seen: 'The port is none. And this.',
    todo: 'Take a number.',
  })
  t.match(await checkConfiguration([async () => 1], '/home/a'), { verdict: 'ok', seen: /\/home\/a/ })
})

t.test('port: free, our own, or taken', async t => {
  const check = (listens: boolean, isVoiceChat: boolean, error?: Error) =>
    checkPort(9001, {
      listens: async () => listens,
      isVoiceChat: async () => isVoiceChat,
      tryToListen: async () => {
        if (error) throw error
      },
    })
  t.match(await check(false, false), { verdict: 'ok', seen: /9001 is free/ })
  t.match(await check(true, true), { verdict: 'ok', seen: /runs here/ })
  t.match(await check(true, false), { verdict: 'fault', seen: /no VoiceChat server/, todo: /VOICECHAT_PORT/ })
  const denied = Object.assign(new Error('no'), { code: 'EACCES' })
  t.match(await check(false, false, denied), { verdict: 'fault', seen: /EACCES/, todo: /^Set VOICECHAT_PORT/ })
})

const facts: ServerFacts = {
  url: 'ws://voice.test:9001/',
  name: 'voicechat-server/0.1.0',
  loginMs: 40,
  rttMs: 12.34,
  ice: { stunPort: 9001, otherStunPort: 9002, turn: [] },
  date: { server: 1_000_000_000_000, own: 1_000_000_000_700 },
}
const lost = fail('unreachable', 'The server ws://voice.test:9001/ cannot be reached: it does not answer.')

t.test('server: there, far away, of another version, gone, or none', async t => {
  t.match(checkServer(ok(facts), '0.1.0'), { verdict: 'ok', seen: /round trip 12\.3 ms/ })
  t.match(checkServer(fail('notAllowed', 'This server is private.'), '0.1.0'), { verdict: 'fault', todo: /--id ABC/ })
  t.match(checkServer(ok({ ...facts, rttMs: 400 }), '0.1.0'), { verdict: 'warning', todo: /nearer/ })
  t.match(checkServer(ok(facts), '0.2.0'), { verdict: 'warning', todo: /update the older one/ })
  t.match(checkServer(lost, '0.1.0'), { verdict: 'fault', seen: /does not answer/ })
  t.match(checkServer(null, '0.1.0'), { verdict: 'skipped', todo: /--server/ })
})

t.test('clock: half a minute is fine, ten minutes are not, either way', async t => {
  const check = (aheadMs: number) => {
    const { server } = facts.date!
    return checkClock(ok({ ...facts, date: { server, own: server + 500 + aheadMs } }))
  }
  t.match(check(0), { verdict: 'ok' })
  t.match(check(30_000), { verdict: 'ok', seen: /30 seconds/ })
  t.match(check(-59_000), { verdict: 'ok' })
  t.match(check(61_000), { verdict: 'fault', seen: /61 seconds ahead of/, todo: /timedatectl/ })
  t.match(check(-600_000), { verdict: 'fault', seen: /10 minutes behind/ })
  t.match(check(3 * 86_400_000), { verdict: 'fault', seen: /3 days ahead/ })
  t.match(checkClock(ok({ ...facts, date: null })), { verdict: 'skipped' })
  t.same([checkClock(lost).verdict, checkClock(null).verdict], ['skipped', 'skipped'])
})

const seen = (address: string, port: number) => ({ address, port })
function asked(mapped: StunAnswers['mapped'], ownAddresses = ['127.0.0.1', '192.168.1.5']) {
  return { kind: 'asked', answers: { mapped, ownPort: 5000, ownAddresses } } as const
}

t.test('STUN: answers, does not, is not offered', async t => {
  t.same(stunPorts(facts), [9001, 9002])
  t.same(stunPorts({ ...facts, ice: { stunPort: 9001, turn: [] } }), [9001])
  t.same(stunPorts({ ...facts, ice: null }), [])
  const answered = asked([seen('203.0.113.10', 4000), null])
  t.match(checkStun(ok(facts), answered), { verdict: 'ok', seen: /203\.0\.113\.10:4000/ })
  t.match(checkStun(ok(facts), asked([null, null])), { verdict: 'warning', seen: /no answer/, todo: /UDP port 9001/ })
  t.match(checkStun(ok({ ...facts, ice: null }), { kind: 'none' }), { verdict: 'warning', todo: /--stun-port off/ })
  t.match(checkStun(ok(facts), { kind: 'failed', why: 'no such host' }), { verdict: 'warning', seen: /no such host/ })
  t.same([checkStun(lost, { kind: 'none' }).verdict, checkStun(null, { kind: 'none' }).verdict], ['skipped', 'skipped'])
})

t.test('NAT: says what one server can tell, and no more', async t => {
  const home = seen('203.0.113.10', 4000)
  const table = [
    ['ordinary', 'ok', [home, home]],
    ['symmetric', 'warning', [home, seen('203.0.113.10', 4001)]],
    ['symmetric', 'warning', [home, seen('203.0.113.11', 4000)]],
    ['udpBlocked', 'warning', [null, null]],
    ['udpBlocked', 'warning', [null]],
    ['unknown', 'skipped', [home, null]],
    ['unknown', 'skipped', [home]],
    ['local', 'ok', [seen('192.168.1.5', 5000), seen('192.168.1.5', 5000)]],
    ['local', 'ok', [seen('127.0.0.1', 5000), null]],
  ] as const
  for (const [kind, verdict, mapped] of table) {
    t.equal(natKind(asked(mapped)), kind)
    t.equal(checkNat(asked(mapped)).verdict, verdict, kind)
  }
  t.equal(natKind(asked([seen('198.51.100.7', 5000)], ['198.51.100.7'])), 'none')
  t.equal(natKind(asked([seen('2001:db8::1', 5000)], ['2001:db8::1'])), 'none')
  t.match(checkNat(asked([home, home])).seen, /as far as one server can tell/)
  t.equal(checkNat({ kind: 'none' }).verdict, 'skipped')
})

t.test('direct: the engine loads and connects, or why not', async t => {
  const check = (connect = inMemoryConnect(), { needed = false, instead = '' } = {}) =>
    checkDirect({
      load: async () => ({ name: 'native', connect, ...(instead && { instead }) }),
      now: () => 0,
      patienceMs: 50,
      needed,
    })
  t.match(await check(), { verdict: 'ok', seen: /native/ })
  t.match(await check(inMemoryConnect(), { instead: 'no such file' }), { verdict: 'warning', seen: /no such file/ })
  const broken = inMemoryConnect('it fails')
  t.match(await check(broken), { verdict: 'warning', seen: /it fails/, todo: /over the relay/ })
  t.equal((await check(broken, { needed: true })).verdict, 'fault', 'with --route direct there is no other')
  t.match(await check(inMemoryConnect('', false)), { verdict: 'warning', seen: /takes too long/ })
  const none = { load: () => Promise.reject(new Error('no engine')), now: () => 0, patienceMs: 50, needed: false }
  t.match(await checkDirect(none), { verdict: 'warning', seen: /no engine/, todo: /npm install/ })
})

t.test('sound: from muted to fine', async t => {
  const judge = (change: Partial<HeardSound>, microphone: string | null = null, speaker: string | null = null) =>
    judgeSound(
      {
        packets: Array.from({ length: 100 }, () => new Uint8Array(80)),
        recordedDb: -24,
        playedDb: -25,
        names: { microphone: 'Mic', speaker: 'Speaker' },
        muted: { microphone: false, speaker: false },
        ...change,
      },
      microphone,
      speaker,
    )
  t.match(judge({}), { verdict: 'ok', seen: /Mic \(-24 dBFS\).*Speaker \(-25 dBFS\)/ })
  t.match(judge({ muted: { microphone: true, speaker: null } }), { verdict: 'fault', seen: /microphone is muted/ })
  t.match(judge({ muted: { microphone: null, speaker: true } }), { verdict: 'warning', seen: /speaker is muted/ })
  t.match(judge({ recordedDb: SILENCE_DB }), { verdict: 'warning', seen: /last bit/, todo: /--mic/ })
  t.match(judge({ recordedDb: -80 }), { verdict: 'warning', seen: /very quiet/ })
  t.match(judge({ packets: [], recordedDb: SILENCE_DB }), { verdict: 'fault', seen: /gives nothing/ })
  t.match(judge({ playedDb: SILENCE_DB }), { verdict: 'fault', seen: /not played/ })
  t.match(judge({ playedDb: SILENCE_DB }, null, 'none'), { verdict: 'ok', seen: /no speaker/ })
  t.match(judge({ recordedDb: SILENCE_DB }, 'none'), { verdict: 'ok', seen: /no microphone was asked for/ })
})
