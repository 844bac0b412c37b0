import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { settle } from '../../signaling/config.js'
import { loadConfig } from '../../signaling/load-config.js'
import { flagsOf, serverCommand } from '../../signaling/options.js'
import { printedConfig } from '../../signaling/print-config.js'
import { type NamedSetting, serverSettings, settings } from '../../signaling/settings.js'

interface Given {
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  readonly file?: string
}

const parsed = (args: readonly string[]) =>
  serverCommand('')
    .configureOutput({ writeErr: () => {} })
    .parse(args, { from: 'user' })

const settled = ({ args = [], env = {}, file }: Given) =>
  settle(
    flagsOf(parsed(args)),
    env,
    file === undefined ? null : { path: '/etc/x/server.conf', bytes: Buffer.from(file) },
  )

const of = (given: Given) => serverSettings(settled(given).found)
const fromOf = (given: Given, name: string) => settled(given).found.find(({ setting }) => setting.name === name)?.from

t.test('a flag counts more than the environment, that more than the file, that more than the default', async t => {
  const all = { args: ['--port', '1'], env: { VOICECHAT_PORT: '2' }, file: '# mine\nport = 3\n' }
  const cases: [Given, number, string][] = [
    [all, 1, '--port'],
    [{ ...all, args: [] }, 2, 'VOICECHAT_PORT'],
    [{ ...all, args: [], env: { VOICECHAT_PORT: '' } }, 3, '/etc/x/server.conf:2'],
    [{}, 9001, 'default'],
    [{ ...all, args: ['--no-port'] }, 9001, '--no-port'],
  ]
  for (const [given, value, from] of cases) {
    t.equal(of(given).port, value, JSON.stringify(given))
    t.equal(fromOf(given, 'port'), from)
  }
  t.equal(fromOf({}, 'host'), 'not set')
})

t.test('all kinds of values may come from everywhere', async t => {
  const wanted = {
    private: true,
    echo: false,
    publicUrl: ['wss://a.test', 'ws://b.test:1'],
    turn: ['turn:a.test:1', 'turns:b.test:2', 'turn:c.test:3'],
    stunPort: 'off',
    tlsCert: '/etc/x/cert.pem',
    stateDir: '/var/lib/x',
    limits: { sockets: 500, loginMs: 7000 },
  }
  t.match(
    of({
      args: [
        ...['--private', '--public-url', 'wss://A.test/', '--public-url', 'ws://b.test:1', '--stun-port', 'off'],
        ...['--turn', 'turn:a.test:1,turns:b.test:2', '--turn', 'turn:c.test:3', '--tls-cert', '/etc/x/cert.pem'],
        ...['--state-dir', '/var/lib/x', '--max-sockets', '500', '--login-seconds', '7'],
      ],
    }),
    wanted,
  )
  t.match(
    of({
      env: {
        VOICECHAT_PRIVATE: 'yes',
        VOICECHAT_ECHO: 'off',
        VOICECHAT_PUBLIC_URL: 'wss://a.test, ws://b.test:1',
        VOICECHAT_TURN: 'turn:a.test:1,turns:b.test:2,turn:c.test:3',
        VOICECHAT_STUN_PORT: 'off',
        VOICECHAT_TLS_CERT: '/etc/x/cert.pem',
        VOICECHAT_STATE_DIR: '/var/lib/x',
        VOICECHAT_MAX_SOCKETS: '500',
        VOICECHAT_LOGIN_SECONDS: '7',
      },
    }),
    wanted,
  )
  const file = [
    'private=On\necho = 0\npublic-url = wss://a.test\npublic-url = ws://b.test:1\nturn = turn:a.test:1, turns:b.test:2',
    'turn = turn:c.test:3\nstun-port = off\ntls-cert = cert.pem\nstate-dir = /var/lib/x\nmax-sockets = 500\nlogin-seconds = 7',
  ].join('\n')
  t.match(of({ file }), wanted, 'a relative path starts at the file')
  const { private: isPrivate, publicUrl, limits } = of({ file, args: ['--no-private', '--public-url', 'wss://c.test'] })
  t.same([isPrivate, publicUrl, limits.sockets], [false, ['wss://c.test'], 500], 'a list takes the place of another')
  t.equal(fromOf({ file }, 'turn'), '/etc/x/server.conf:5, 6')
})

t.test('all that is wrong is told at once, each with its line and what is allowed', async t => {
  const file = [
    'max-sockets = many',
    'max-socket = 5',
    'colour = red',
    'what is this',
    'port = 1',
    'port = 2',
    'private = maybe',
    'public-url = http://x',
    'print-config = true',
    'host =',
    'turn = turn:a:1, nothing',
    'stun-port = on',
    'allow-origin = https://x/y',
    'host = [::1]',
  ].join('\n')
  const given = { file, args: ['--max-sockets', '7'], env: { VOICECHAT_LOGIN_SECONDS: '0', VOICECHAT_ECHO: 'x"y' } }
  t.same(settled(given).problems, [
    '/etc/x/server.conf:1: max-sockets: It is a whole number from 2 to 1000000, not "many".',
    '/etc/x/server.conf:2: "max-socket" is no setting. Did you mean "max-sockets"?',
    '/etc/x/server.conf:3: "colour" is no setting. voicechat-server --help names them all.',
    '/etc/x/server.conf:4: "what is this" is no "key = value", and no "# comment".',
    '/etc/x/server.conf:6: port: It is set on line 5 already.',
    '/etc/x/server.conf:7: private: It is true or false, not "maybe".',
    '/etc/x/server.conf:8: public-url: It is a websocket address, such as wss://voice.example.org or ws://203.0.113.7:9001, not "http://x".',
    '/etc/x/server.conf:9: "print-config" is for the command line only.',
    '/etc/x/server.conf:10: host: It needs a value.',
    '/etc/x/server.conf:11: turn: It is turn:host:port or turns:host:port, with ?transport=udp or ?transport=tcp behind it if need be, not "turn:a:1, nothing".',
    '/etc/x/server.conf:12: stun-port: The STUN port is a number from 0 to 65535 (0 takes a free one), or off, not "on".',
    '/etc/x/server.conf:13: allow-origin: It is a web origin, such as https://voice.example.org, without a path, not "https://x/y".',
    '/etc/x/server.conf:14: host: It is set on line 10 already.',
    'VOICECHAT_ECHO: echo: It is true or false, not "x\\"y".',
    'VOICECHAT_LOGIN_SECONDS: login-seconds: It is a whole number from 1 to 60, not "0".',
  ])
  t.match(settled({ file: 'a\0b' }).problems, ['/etc/x/server.conf: It is not a text of "key = value" lines.'])
})

/** Texts that a setting takes, as a person may write them. */
function textOf(setting: NamedSetting): fc.Arbitrary<string> {
  const { name, operand } = setting
  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/)
  const word = fc.tuple(label, fc.constantFrom('', '.test', ':1')).map(parts => parts.join(''))
  if (operand === undefined) return fc.constantFrom('true', 'FALSE', 'yes', 'no', 'on', 'off', '1', '0')
  if (operand === '<n>') return fc.integer({ min: 5, max: 60 }).map(String)
  if (operand === '<file>' || operand === '<dir>')
    return fc.stringMatching(/^[\w #=."'äß日-]{0,12}[\w#=.ä]$/).map(text => text.trim())
  if (name === 'port') return fc.nat(65535).map(String)
  if (name === 'stun-port') return fc.oneof(fc.constant('off'), fc.nat(65535).map(String))
  if (name === 'host') return fc.oneof(fc.constantFrom('::1', '127.0.0.1', 'fe80::1%eth0'), label)
  if (name === 'metrics-listen') return fc.nat(65535).map(port => `127.0.0.1:${port}`)
  if (name === 'trusted-proxy') return fc.constantFrom('10.0.0.5', '10.0.0.0/24', 'fd00::/64')
  if (name === 'cluster-url') return label.map(host => `wss://${host}/?server=1`)
  const schemes: Record<string, string> = {
    'public-url': 'wss://',
    'allow-origin': 'https://',
    turn: 'turn:',
    cluster: 'nats://',
  }
  return name === 'turn' ? label.map(host => `turn:${host}:3478`) : word.map(host => `${schemes[name]}${host}`)
}

t.test('what is printed sets the same again, wherever it came from', async t => {
  const one = (setting: NamedSetting) =>
    fc.record({
      setting: fc.constant(setting),
      where: fc.constantFrom('nowhere', 'environment', 'file'),
      texts: fc.array(textOf(setting), { minLength: 1, maxLength: setting.repeatable ? 3 : 1 }),
    })
  let runs = 0
  fc.assert(
    fc.property(fc.tuple(...settings.map(one)), given => {
      const of = (place: string) => given.filter(({ where }) => where === place)
      const before = settled({
        env: Object.fromEntries(of('environment').map(({ setting, texts }) => [setting.variable, texts.join(',')])),
        file: of('file')
          .flatMap(({ setting, texts }) => texts.map(text => `${setting.name}=${text}`))
          .join('\n'),
      })
      const after = settled({ file: printedConfig(before.found, '1.2.3') })
      t.same([before.problems, after.problems], [[], []])
      t.same(serverSettings(after.found), serverSettings(before.found))
      runs++
    }),
    { numRuns: 200 },
  )
  t.equal(runs, 200)
})

t.test('prints where each comes from, and of secrets the path alone', async t => {
  const given = {
    args: ['--private'],
    env: { VOICECHAT_TURN_SECRET_FILE: '/run/secret' },
    file: 'echo-seconds = 30\nturn = turn:a.test:1\nturn = turn:b.test:2\npublic-url = wss://me:pass@a.test\n',
  }
  const text = printedConfig(settled(given).found, '1.2.3')
  for (const part of [
    '# default: port to listen on\nport = 9001\n',
    '# --private: let in only who has an invitation or is in the access file\nprivate = true\n',
    '# VOICECHAT_TURN_SECRET_FILE: file with the secret shared with the TURN servers\nturn-secret-file = /run/secret\n',
    '# /etc/x/server.conf:1: seconds that a test call may last\necho-seconds = 30\n',
    '# /etc/x/server.conf:2, 3: TURN server for peers, as turn:host:port or turns:host:port; repeatable\nturn = turn:a.test:1\nturn = turn:b.test:2\n',
    '# not set: address to listen at (all of this machine)\n# host =\n',
    'public-url = wss://a.test\n',
  ])
    t.ok(text.includes(part), part)
  t.notMatch(text, 'me:pass')
})

t.test('reads the file that is named, else the usual one if it is there', async t => {
  const folder = t.testdir({
    own: 'port = 1\n',
    other: 'port = 2\n',
    usual: 'port = 3\n',
    damaged: 'port = x\nhots = y\n',
  })
  const [own, other, usual, damaged, none] = ['own', 'other', 'usual', 'damaged', 'none'].map(name =>
    join(folder, name),
  ) as [string, string, string, string, string]
  const port = (args: string[], env: Record<string, string>, where: string) =>
    serverSettings(loadConfig(parsed(args), env, where).found).port
  t.equal(port([], {}, usual), 3)
  t.equal(port([], {}, none), 9001)
  t.equal(loadConfig(parsed([]), {}, usual).path, usual)
  t.equal(loadConfig(parsed([]), {}, none).path, null)
  t.equal(port([], { VOICECHAT_CONFIG: other }, usual), 2)
  t.equal(port([], { VOICECHAT_CONFIG: '' }, usual), 3)
  t.equal(port(['--config', own], { VOICECHAT_CONFIG: other }, usual), 1)
  t.equal(port(['--no-config'], { VOICECHAT_CONFIG: other }, usual), 9001)
  for (const [args, env] of [
    [['--config', none], {}],
    [[], { VOICECHAT_CONFIG: none }],
  ] as const)
    t.throws(() => port([...args], env, usual), { name: 'configFile', message: /none cannot be read: it is not/ })
  t.throws(() => port([], {}, folder), { name: 'configFile', hint: /--no-config/ }, 'a usual one that is wrong')
  t.throws(() => port([], {}, damaged), {
    name: 'badConfig',
    message: `${damaged}:1: port: A port is a number from 0 to 65535 (0 takes a free one), not "x".\n${damaged}:2: "hots" is no setting. Did you mean "host"?`,
  })
})

t.test('README.md has each setting with its flag and its variable', async t => {
  const [, text = ''] = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8').split(
    '### `voicechat-server`',
  )
  for (const { name, variable, group } of settings)
    if (group === undefined) t.match(text, new RegExp(`^\\|.*\`--${name}\\b.*\`${variable}\``, 'm'), name)
  t.match(text, /`--config FILE`.*`VOICECHAT_CONFIG`.*`--print-config`/s)
})
