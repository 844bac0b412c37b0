import { type Defence, defence } from './defence.js'

const LOGIN = 'protocol/login.js'
const NAMES = 'signaling/names.js'
const REGISTRAR = 'signaling/registrar.js'
const ONE_CASE = [
  'protocol/id.js',
  'return id.replace(/[A-Z]/g, letter => letter.toLowerCase());',
  'return id;',
] as const

const ONE_KEY = [
  [NAMES, 'holder && holder.key !== key', 'false'],
  ['signaling/logins.js', 'holder !== undefined && holder !== login.key', 'false'],
] as const

export const loginDefences: readonly Defence[] = [
  defence(16, 'a login signs the origin', [LOGIN, "'evc/1 login', origin,", "'evc/1 login', '',"]),
  defence(16, 'a login signs the id', [LOGIN, 'canonicalId(id), challenge', "'', challenge"]),
  defence(16, 'a login signs the challenge', [LOGIN, 'canonicalId(id), challenge', "canonicalId(id), ''"]),
  defence(16, 'a login signs the session', [LOGIN, 'challenge, session);', 'challenge);']),
  defence(16, 'a server answers to its own origins alone', [
    'signaling/logins.js',
    '!this.#options.originAllowed(origin)',
    'false',
  ]),
  defence(17, 'what a login signs begins with its own label', [LOGIN, "'evc/1 login', ", '']),
  defence(17, 'what a call signs begins with its own label', [
    'protocol/handshake/key-schedule.js',
    '#signed(side) {',
    "#signed(side) {\n        if (side) return lv('', this.#transcript);",
  ]),
  defence(18, 'a name belongs to a key', ...ONE_KEY),
  defence(
    18,
    'a name belongs to a key, also of one who is online',
    ...ONE_KEY,
    [REGISTRAR, 'else if (holder.key !== login.key)', 'else if (false)'],
    [REGISTRAR, 'else if (current.key !== login.key)', 'else if (false)'],
  ),
  defence(18, 'only one whom the other named comes back to a call', [
    'signaling/lobby.js',
    '!other || other.wish !== session.canonical',
    '!other',
  ]),
  defence(19, 'an address binds so many new names an hour', [
    'signaling/logins.js',
    'holder === undefined && !this.#newNames.take(limitKey, now)',
    'false',
  ]),
  defence(19, 'a name that nobody uses becomes free', [NAMES, '|| day - holder.day <= this.unusedDays', '|| true']),
  defence(20, 'who begins follows from the ids in one case of letters', ONE_CASE),
  defence(20, 'who names one that named him is matched at once, for both', [
    'signaling/lobby.js',
    'this.#matched(other, session, resumed),',
    '',
  ]),
  defence(32, 'an id is ASCII', ['protocol/id.js', '/^[A-Za-z0-9._-]{1,32}$/', '/^[\\p{L}\\p{M}\\p{N}._-]{1,32}$/u']),
  defence(32, 'ids are compared in one case of letters', ONE_CASE),
]
