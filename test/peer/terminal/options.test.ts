import { CommanderError } from 'commander'
import t from 'tap'
import { flagsOf, type PeerFlags, peerCommand, usageProblem } from '../../../peer/terminal/options.js'

/** What comes of these arguments; what would be printed is in `printed`. */
function parse(args: string[]) {
  let printed = ''
  const write = (text: string) => {
    printed += text
  }
  const command = peerCommand('1.2.3').configureOutput({ writeOut: write, writeErr: write })
  let flags: PeerFlags | null = null
  let error: CommanderError | null = null
  try {
    flags = flagsOf(command.parse(args, { from: 'user' }))
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    error = thrown
  }
  return { flags, error, printed }
}

t.test('needs nothing: ids are asked for', async t => {
  const { flags } = parse([])
  t.same(flags, { route: 'auto', audio: 'auto', mic: null, speaker: null, denoise: true, agc: true })
})

t.test('a one-time call takes nothing of what other calls need', async t => {
  t.match(parse(['--new', '--server', 'wss://server.test']).flags, { new: true, server: 'wss://server.test' })
  t.equal(parse(['--code', '7-orbit-maple']).flags?.code, '7-orbit-maple')
  t.match(parse(['--code', '--server', 'wss://server.test']).flags, { code: true, server: 'wss://server.test' })
  for (const other of [
    ['--id', 'ABC'],
    ['--to', 'XYZ'],
    ['--password'],
    ['--password-file', 'pw'],
    ['--test-call'],
    ['--code', '7-orbit-maple'],
  ]) {
    const { error } = parse(['--new', ...other])
    t.match(error?.message, new RegExp(`'--new' cannot be used with option '${other[0]}`))
    if (other[0] !== '--code')
      t.match(parse([...other, '--code', 'x']).error?.message, /'--code \[code\]' cannot be used/)
  }
})

t.test('takes all that there is', async t => {
  const { flags } = parse([
    ...['--id', 'ABC', '--to', 'XYZ', '--server', 'wss://server.test', '--password-file', 'pw'],
    ...['--route', 'relay', '--mic', 'file:a.wav', '--speaker', 'none', '--audio', 'file'],
    ...[
      '--wait',
      '30',
      '--for',
      '1.5',
      '--json',
      '--verbose',
      '--password',
      '--plain',
      '--push-to-talk',
      '--test-call',
      '--no-denoise',
      '--no-agc',
    ],
  ])
  t.same(flags, {
    testCall: true,
    id: 'ABC',
    to: 'XYZ',
    server: 'wss://server.test',
    passwordFile: 'pw',
    route: 'relay',
    mic: 'file:a.wav',
    speaker: 'none',
    audio: 'file',
    denoise: false,
    agc: false,
    wait: 30,
    for: 1.5,
    json: true,
    verbose: true,
    password: true,
    plain: true,
    pushToTalk: true,
  })
})

t.test('never takes a password as an argument', async t => {
  const { error } = parse(['--id', 'ABC', '--to', 'XYZ', '--password', 'sesame'])
  t.ok(error && error.exitCode !== 0)
})

t.test('refuses what it does not know, and says what is wrong', async t => {
  const mistakes: [string[], RegExp][] = [
    [['--loud'], /unknown option '--loud'/],
    [['--idd', 'ABC'], /Did you mean --id\?/],
    [['ABC'], /too many arguments/],
    [['--id'], /argument missing/],
    [['--route', 'pigeon'], /Allowed choices are auto, direct, relay/],
    [['--audio', 'jack'], /Allowed choices are auto, pulse, alsa, web, file/],
    [['--mic', 'file:'], /path of a WAV file/],
    [['--speaker', 'tone'], /The tone is a microphone/],
  ]
  for (const [args, said] of mistakes) {
    const { error, printed } = parse(args)
    t.match(printed, said, args.join(' '))
    t.match(printed, /--help/)
    t.ok(error && error.exitCode !== 0)
    t.match(usageProblem(error!), { name: 'usage', message: /^[A-Z]/, exitCode: 2 })
  }
})

t.test('takes times in seconds, above nothing', async t => {
  for (const name of ['--wait', '--for']) {
    for (const value of ['0', '-1', 'soon', '', ' ', 'NaN', 'Infinity', '1e9', '5s'])
      t.match(parse([name, value]).printed, /number of seconds/, `${name} ${JSON.stringify(value)}`)
    t.equal(parse([name, '0.25']).error, null)
  }
})

t.test('shows help and version, which are no mistakes', async t => {
  const help = parse(['--help'])
  t.equal(help.error?.exitCode, 0)
  for (const word of ['--id', '--json', 'VOICECHAT_SERVER', 'VOICECHAT_PASSWORD', 'm mutes', 'Exit codes: 0 hung up'])
    t.ok(help.printed.includes(word), word)
  const version = parse(['--version'])
  t.equal(version.error?.exitCode, 0)
  t.equal(version.printed, '1.2.3\n')
})
