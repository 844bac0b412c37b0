/** What a newcomer does wrong, each thing as it is typed: the exit code, one sentence that helps, and nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { wavHeader } from '../../peer/audio/wav.js'
import { Lab } from '../lab/lab.js'
import { speechPath } from '../speech/speech.js'

const lab = new Lab()
t.teardown(() => lab.close())
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(lab.path(name), content)
  return lab.path(name)
}
const path = {
  password: write('password', 'secret\n'),
  empty: write('empty', ''),
  lines: write('lines', 'one\ntwo\n'),
  text: write('text.wav', 'This is not sound, whatever it is called.'),
  silence: write('silence.wav', wavHeader(0)),
  missing: lab.path('missing'),
}
const FOLDER = lab.path('folder')
mkdirSync(FOLDER)
const damaged = lab.path('damaged/voicechat')
mkdirSync(damaged, { recursive: true })
writeFileSync(`${damaged}/identity.json`, '{"version":1,"secretKey":"short"}')

const configured = (name: string, text: string) => {
  mkdirSync(lab.path(`${name}/voicechat`), { recursive: true })
  writeFileSync(lab.path(`${name}/voicechat/peer.conf`), text)
  return { XDG_CONFIG_HOME: lab.path(name) }
}

const WHO = ['--id', 'ABC', '--to', 'XYZ']
const NO_SOUND = ['--mic', 'none', '--speaker', 'none']
const QUIET = [...WHO, ...NO_SOUND]

interface Mistake {
  readonly args: readonly string[]
  readonly code: number
  readonly says: RegExp
  readonly env?: Record<string, string>
}

const mistakes: Readonly<Record<string, Mistake>> = {
  'an unknown flag': { args: [...QUIET, '--colour'], code: 2, says: /unknown option '--colour'.*--help/is },
  'a word too many': { args: [...QUIET, 'XYZ'], code: 2, says: /"XYZ" is no command/ },
  'no ids': { args: NO_SOUND, code: 2, says: /Who are you.*--id ABC --to XYZ/ },
  'only one id': { args: [...NO_SOUND, '--id', 'ABC'], code: 2, says: /Who are you.*--id ABC --to XYZ/ },
  'an id with a space': {
    args: [...NO_SOUND, '--id', 'A B', '--to', 'XYZ'],
    code: 2,
    says: /"A B" is not an id\. An id/,
  },
  'an empty id': { args: [...NO_SOUND, '--id', '', '--to', 'XYZ'], code: 2, says: /"" is not an id\. An id is/ },
  'an id too long': {
    args: [...NO_SOUND, '--id', 'A'.repeat(33), '--to', 'XYZ'],
    code: 2,
    says: /is not an id\. An id is 1 to 32/,
  },
  'an id with control codes': {
    args: [...NO_SOUND, '--id', 'A\x1b[31mB', '--to', 'XYZ'],
    code: 2,
    says: /is not an id\. An id is/,
  },
  'a call to oneself': { args: [...NO_SOUND, '--id', 'ABC', '--to', 'ABC'], code: 2, says: /call yourself.*--to/ },
  'a call to oneself in another case': {
    args: [...NO_SOUND, '--id', 'ABC', '--to', 'abc'],
    code: 2,
    says: /call yourself.*--to/,
  },
  'a password file that is not there': {
    args: [...QUIET, '--password-file', path.missing],
    code: 2,
    says: /password file .*missing cannot be read: there is none\. Check/,
  },
  'a folder as a password file': {
    args: [...QUIET, '--password-file', FOLDER],
    code: 2,
    says: /it is a folder\. Check/,
  },
  'an empty password file': { args: [...QUIET, '--password-file', path.empty], code: 2, says: /is empty\. Put/ },
  'a password file of two lines': {
    args: [...QUIET, '--password-file', path.lines],
    code: 2,
    says: /has several lines\. Put/,
  },
  '--password without a terminal': { args: [...QUIET, '--password'], code: 2, says: /no terminal.*--password-file/ },
  'a microphone file that is not there': {
    args: [...WHO, '--mic', `file:${path.missing}`, '--speaker', 'none'],
    code: 2,
    says: /There is no file .*missing\. Choose/,
  },
  'a microphone file that is no WAV': {
    args: [...WHO, '--mic', `file:${path.text}`, '--speaker', 'none'],
    code: 2,
    says: /text\.wav is not a WAV file\. Choose/,
  },
  'a microphone file without a sample': {
    args: [...WHO, '--mic', `file:${path.silence}`, '--speaker', 'none'],
    code: 2,
    says: /without sound in it\. Choose/,
  },
  'file: and nothing behind it': {
    args: [...WHO, '--mic', 'file:', '--speaker', 'none'],
    code: 2,
    says: /path of a WAV/,
  },
  'a tone as a speaker': { args: [...WHO, '--mic', 'none', '--speaker', 'tone'], code: 2, says: /with --mic/ },
  'a speaker file in no folder': {
    args: [...WHO, '--mic', 'none', '--speaker', `file:${path.missing}/heard.wav`],
    code: 2,
    says: /cannot be written: its folder does not exist\. Choose/,
  },
  'a folder as a speaker file': {
    args: [...WHO, '--mic', 'none', '--speaker', `file:${FOLDER}`],
    code: 2,
    says: /cannot be written: it is a folder\. Choose/,
  },
  'one file for microphone and speaker': {
    args: [
      ...WHO,
      '--mic',
      `file:${speechPath('congratulations')}`,
      '--speaker',
      `file:${speechPath('congratulations')}`,
    ],
    code: 2,
    says: /cannot be both.*Choose/,
  },
  'no sound programs': {
    args: WHO,
    env: { PATH: FOLDER },
    code: 7,
    says: /program parec is not installed\. .*--mic file:/,
  },
  'no sound server': {
    args: WHO,
    env: { PULSE_SERVER: `unix:${path.missing}`, XDG_RUNTIME_DIR: FOLDER },
    code: 7,
    says: /(No sound server answers on this machine|is not installed).*--mic file:/,
  },
  '--audio file without files': { args: [...WHO, '--audio', 'file'], code: 7, says: /Name both: --mic file:/ },
  'an unknown sound system': {
    args: [...QUIET, '--audio', 'jazz'],
    code: 2,
    says: /Allowed choices are auto, pulse, alsa, web, file/,
  },
  'an unknown route': { args: [...QUIET, '--route', 'sea'], code: 2, says: /Allowed choices are auto, direct, relay/ },
  '--wait 0': { args: [...QUIET, '--wait', '0'], code: 2, says: /number of seconds, above 0/ },
  '--wait abc': { args: [...QUIET, '--wait', 'abc'], code: 2, says: /number of seconds, above 0/ },
  '--for 1e9': { args: [...QUIET, '--for', '1e9'], code: 2, says: /at most 1000000/ },
  '--for -1': { args: [...QUIET, '--for', '-1'], code: 2, says: /number of seconds, above 0/ },
  'a server that is no address': { args: [...QUIET, '--server', 'ftp://x'], code: 2, says: /"ftp:\/\/x" is not.*ws:/ },
  'an empty server': { args: [...QUIET, '--server', ''], code: 2, says: /"" is not the address.*ws:/ },
  'a port that is none': { args: QUIET, env: { VOICECHAT_PORT: 'nine' }, code: 2, says: /VOICECHAT_PORT is "nine"/ },
  'a file where the settings should be': {
    args: QUIET,
    env: { XDG_CONFIG_HOME: path.empty, HOME: path.empty, APPDATA: path.empty },
    code: 2,
    says: /identity\.json cannot be read: its folder is a file\. Make that file and its folder yours/,
  },
  'a damaged identity': {
    args: QUIET,
    env: { XDG_CONFIG_HOME: lab.path('damaged') },
    code: 2,
    says: /identity\.json is damaged: .* Put back a copy/,
  },
  'a wrong value in the configuration': {
    args: QUIET,
    env: configured('wrong-value', '# mine\nroute = sea\n'),
    code: 2,
    says: /peer\.conf, line 2: "sea" is no value of route\. Allowed choices are auto, direct, relay\. .*config unset route/,
  },
  'an unknown key in the configuration': {
    args: QUIET,
    env: configured('unknown-key', 'speeker = none\n'),
    code: 2,
    says: /peer\.conf, line 1: "speeker" is no setting\. Did you mean "speaker"\?/,
  },
  'a damaged configuration': {
    args: QUIET,
    env: configured('no-lines', '{"id":"ABC"}\n'),
    code: 2,
    says: /peer\.conf is damaged\. Line 1 is .*left as it is/,
  },
  'a wrong value in the environment': {
    args: QUIET,
    env: { VOICECHAT_WAIT: 'long' },
    code: 2,
    says: /VOICECHAT_WAIT: "long" is no value of wait.*unset it/,
  },
}

t.jobs = 3
for (const [name, { args, code, says, env = {} }] of Object.entries(mistakes)) {
  t.test(`explains ${name}`, async t => {
    const { exit, events, strays, stderr } = await run([...args, '--json'], env)
    t.same(exit, { code, signal: null })
    t.same([stderr, strays], ['', []], 'nothing but JSON on stdout, nothing on stderr')
    t.equal(events.length, 1, 'one JSON line')
    const [error] = events
    if (error?.event !== 'error') return t.fail('no error event')
    t.match(`${error.message} ${error.hint}`, says)
    return t.match(error.name, /^[a-zA-Z]+$/)
  })
}

/** One of each kind: commander's, ours before anything starts, the sound's. */
for (const name of ['an unknown flag', 'a call to oneself', 'a microphone file that is no WAV', 'no sound programs']) {
  t.test(`explains ${name} to people`, async t => {
    const { args, code, says, env = {} } = mistakes[name]!
    const { exit, events, strays, stderr } = await run([...args, '--verbose'], env)
    t.same(exit, { code, signal: null })
    t.same([strays, events], [[], []], 'nothing on stdout')
    t.match(stderr, says)
    t.ok(stderr.trim().split('\n').length <= 2, 'and no more than that')
    t.notMatch(stderr, /^\s+at /m, 'a mistake has no stack trace, with --verbose either')
  })
}

async function run(args: readonly string[], env: Record<string, string>) {
  const peer = lab.peer(args, { env })
  const exit = await peer.exit(20_000)
  const { events, strays, stderr } = peer
  return { exit, events, strays, stderr }
}
