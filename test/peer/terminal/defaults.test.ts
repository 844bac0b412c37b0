import { join } from 'node:path'
import { Option } from 'commander'
import t, { type Test } from 'tap'
import { addNegations, applyDefaults, sourceOf } from '../../../peer/terminal/defaults.js'
import { flagsOf, peerCommand } from '../../../peer/terminal/options.js'
import { settingsOf } from '../../../peer/terminal/settings.js'
import { SettingsFile } from '../../../peer/terminal/settings-file.js'

interface Given {
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  readonly file?: string
}

/** A program with a switch beside its own options. */
function program() {
  return addNegations(peerCommand('1.2.3').addOption(new Option('--loud', 'louder')))
}

function settle(t: Test, { args = [], env = {}, file = '' }: Given) {
  const path = join(t.testdir({ 'peer.conf': file }), 'peer.conf')
  const command = program().parse(args, { from: 'user' })
  applyDefaults(command, env, SettingsFile.read(path))
  const source = (key: string) => sourceOf(command, settingsOf(command).find(setting => setting.key === key)!)
  return { flags: flagsOf(command) as ReturnType<typeof flagsOf> & { loud?: boolean }, source, path }
}

t.test('a flag counts more than the environment, that more than the file, that more than the default', async t => {
  const all = { args: ['--route', 'direct'], env: { VOICECHAT_ROUTE: 'relay' }, file: 'route = auto' }
  const cases: [Given, string, string][] = [
    [all, 'direct', 'flag'],
    [{ ...all, args: [] }, 'relay', 'environment'],
    [{ file: 'route = relay' }, 'relay', 'file'],
    [{}, 'auto', 'default'],
    [{ ...all, args: [], env: { VOICECHAT_ROUTE: '' } }, 'auto', 'file'],
    [{ ...all, args: ['--no-route'] }, 'auto', 'flag'],
  ]
  for (const [given, value, from] of cases) {
    const { flags, source } = settle(t, given)
    t.equal(flags.route, value, JSON.stringify(given))
    t.equal(source('route'), from)
  }
  t.equal(settle(t, {}).source('id'), 'unset')
})

t.test('values are of the same kind as those of flags', async t => {
  const file = 'wait = 2.5\nid = ABC\nserver = example.org\nloud = yes\nmic = USB Headset'
  t.match(settle(t, { file }).flags, { wait: 2.5, id: 'ABC', server: 'example.org', loud: true, mic: 'USB Headset' })
  t.match(settle(t, { env: { VOICECHAT_LOUD: '0', VOICECHAT_FOR: '3' }, file }).flags, { loud: false, for: 3 })
  t.equal(settle(t, { args: ['--no-loud'], file }).flags.loud, false)
  t.equal(settle(t, { args: ['--loud'], file: 'loud = false' }).flags.loud, true)
})

t.test('what is on unless it is turned off can be turned on again', async t => {
  const file = 'denoise = no'
  const cases: [Given, boolean, string][] = [
    [{}, true, 'default'],
    [{ args: ['--no-denoise'] }, false, 'flag'],
    [{ file }, false, 'file'],
    [{ file, args: ['--denoise'] }, true, 'flag'],
    [{ file, env: { VOICECHAT_DENOISE: 'yes' } }, true, 'environment'],
    [{ env: { VOICECHAT_DENOISE: '0' }, file: 'agc = off' }, false, 'environment'],
  ]
  for (const [given, value, from] of cases) {
    const { flags, source } = settle(t, given)
    t.equal(flags.denoise, value, JSON.stringify(given))
    t.equal(source('denoise'), from)
    t.equal(flags.agc, given.file !== 'agc = off')
  }
})

t.test('--no-KEY leaves a default out', async t => {
  const file = 'server = wss://a.test\nmic = tone\npassword-file = /pw'
  t.match(settle(t, { file }).flags, { server: 'wss://a.test', mic: 'tone', passwordFile: '/pw' })
  const { flags } = settle(t, { args: ['--no-server', '--no-mic', '--no-password-file'], file })
  t.match(flags, { server: undefined, mic: null, passwordFile: undefined })
})

t.test('a path in the file starts at the file', async t => {
  const { flags, path } = settle(t, { file: 'password-file = pw\nspeaker = file:heard.wav' })
  t.equal(flags.passwordFile, join(path, '../pw'))
  t.equal(flags.speaker, `file:${join(path, '../heard.wav')}`)
})

t.test('a password file of the configuration is the weakest way to give a password', async t => {
  const file = 'password-file = /pw'
  t.equal(settle(t, { args: ['--password'], file }).flags.passwordFile, undefined)
  t.equal(settle(t, { env: { VOICECHAT_PASSWORD: 'x' }, file }).flags.passwordFile, undefined)
  const own = ['--password-file', '/own']
  t.equal(settle(t, { args: own, env: { VOICECHAT_PASSWORD: 'x' }, file }).flags.passwordFile, '/own')
})

t.test('names what is wrong, where, and what is allowed; also where a flag would hide it', async t => {
  const wrong: [string, RegExp][] = [
    [
      'id = ABC\nroute = pigeon',
      /peer\.conf, line 2: "pigeon" is no value of route\. Allowed choices are auto, direct/,
    ],
    ['rout = auto', /line 1: "rout" is no setting\. Did you mean "route"\?/],
    ['colour = red', /"colour" is no setting\. There are: id, to, server/],
    ['password = sesame', /A password does not belong.*password-file/],
    ['json = true', /"json" is for one run/],
    ['wait = soon', /"soon" is no value of wait\. It is a number of seconds/],
    ['id = A B', /"A B" is no value of id\. An id is 1 to 32/],
    ['server = ftp://a', /"ftp:\/\/a" is no value of server\. It looks like/],
    ['speaker = tone', /The tone is a microphone/],
    ['loud = maybe', /It is true or false/],
    ['mic =', /It needs a value/],
  ]
  for (const [file, says] of wrong)
    t.throws(
      () => settle(t, { file, args: ['--route', 'auto', '--wait', '1'] }),
      { name: 'badConfig', message: says, hint: /config unset/, exitCode: 2 },
      file,
    )
  t.throws(() => settle(t, { env: { VOICECHAT_ROUTE: 'pigeon' } }), {
    name: 'badConfig',
    message: /^VOICECHAT_ROUTE: "pigeon" is no value/,
    hint: /unset it/,
  })
})

t.test('each option is a setting, or is known to be for one run', async t => {
  const keys = settingsOf(peerCommand('1.2.3')).map(({ key, variable }) => `${key} ${variable}`)
  for (const each of ['id VOICECHAT_ID', 'password-file VOICECHAT_PASSWORD_FILE', 'server VOICECHAT_SERVER'])
    t.ok(keys.includes(each), each)
  for (const never of ['password', 'json', 'inspect', 'help', 'version'])
    t.notOk(
      keys.some(key => key.startsWith(`${never} `)),
      never,
    )
})
