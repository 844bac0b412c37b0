import { type Defence, defence } from './defence.js'

const ENTRANCE = 'signaling/entrance.js'
const CONNECTION = 'signaling/connection.js'
const VOICE = 'signaling/voice.js'
const OTHER_SERVER = 'peer/signaling/other-server.js'
const READER = 'signaling/frame-reader.js'

export const serverDefences: readonly Defence[] = [
  defence(27, 'the server takes messages of 16 KiB, fragments and all', [
    READER,
    '> this.#limits.messageBytes',
    '> Infinity',
  ]),
  defence(27, 'the peer takes messages of 16 KiB', [
    'peer/signaling/websocket.js',
    'maxPayload: MAX_MESSAGE_BYTES,',
    '',
  ]),
  defence(27, 'messages and pings are counted', [
    CONNECTION,
    'if (this.#messages.take(this.#owner.clock.now(), 1 + Math.floor(length / 1024)))',
    'if (true)',
  ]),
  defence(27, 'frames are counted', [VOICE, 'this.#frames.take(now) && ', '']),
  defence(27, 'bytes are counted', [VOICE, ' && this.#bytes.take(now, bytes)', '']),
  defence(27, 'errors are counted', [CONNECTION, 'counted && !this.#errors.take(this.#owner.clock.now())', 'false']),
  defence(28, 'a login has to come in time', [
    CONNECTION,
    "clock.setTimeout(() => this.refuse('slow'",
    "(() => 0)(() => this.refuse('slow'",
  ]),
  defence(28, 'the head of a request has to come in time', [
    'signaling/door.js',
    '#late(visitor), limits.headMs)',
    '#late(visitor), 600_000)',
  ]),
  defence(29, 'what a socket may hold back is limited', [
    CONNECTION,
    '(this.#socket.bufferedAmount ?? 0) <= this.#owner.limits.bufferedBytes',
    'true',
  ]),
  defence(29, 'the oldest frame gives way to a newer one', [
    'protocol/relay-leg.js',
    'this.#queue.length > MAX_QUEUE',
    'false',
  ]),
  defence(30, 'a browser names the site of the page, and it has to be known', [
    ENTRANCE,
    'origin === undefined || allowed.includes(origin)',
    'true',
  ]),
  defence(31, 'a message has the fields that it may have, and no more', [
    'protocol/signaling.js',
    "z.strictObject({ type: z.literal('ping')",
    "z.object({ type: z.literal('ping')",
  ]),
  defence(31, 'what goes on was read, and is written anew', [
    CONNECTION,
    'const parsed = parseFromPeer(text);',
    'const parsed = parseFromPeer(text);\n        if (parsed.ok && parsed.value.type === \'pass\')\n            parsed.value.data = /"data":"([^"]*)"/.exec(text)[1];',
  ]),
  defence(31, 'who is online is kept in a Map, not in an object', [
    'signaling/lobby.js',
    'const other = this.#sessions.get(wanted);',
    'const other = {}[wanted] ?? this.#sessions.get(wanted);',
  ]),
  defence(33, 'frames are taken after the login', [
    CONNECTION,
    "if (this.#state !== 'online' && this.#state !== 'leaving') {",
    'if (this.isOver) {',
  ]),
  defence(33, 'frames go from one side of a call to the other, and nowhere else', [
    'signaling/lobby.js',
    'const other = session?.call ? this.#sessions.get(session.wish) : undefined;\n        return other && other.call === session.call',
    'const other = session?.wish ? this.#sessions.get(session.wish) : undefined;\n        return other',
  ]),
  defence(36, 'credentials last an hour at most', [
    'signaling/turn.js',
    'Math.min(lifetimeMs, MAX_TURN_LIFETIME_MS)',
    'lifetimeMs',
  ]),
  defence(36, 'what is signed holds the end and the id', ['signaling/turn.js', '.update(username)', '.update(id)']),
  defence(40, 'never from TLS to none', [OTHER_SERVER, "(from.protocol === 'wss:' && protocol !== 'wss:')", 'false']),
  defence(40, 'nor from outside to an address inside', [
    OTHER_SERVER,
    'return INSIDE.test(from.hostname) || !INSIDE.test(hostname);',
    'return true;',
  ]),
  defence(40, 'an invitation is for the server that it came from', [
    'peer/signaling/link.js',
    'invitation === undefined || origin !== this.parts.origin',
    'invitation === undefined',
  ]),
]
