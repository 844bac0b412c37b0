import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { passwordOf } from '../../../peer/terminal/password.js'
import { CommandProblem } from '../../../peer/terminal/problem.js'

const flags = { route: 'auto', mic: null, speaker: null, audio: 'auto', denoise: true, agc: true } as const

function file(t: Test, content: string): string {
  const path = join(t.testdir(), 'pw')
  writeFileSync(path, content)
  return path
}

async function problem(asking: Promise<unknown>): Promise<CommandProblem> {
  try {
    await asking
  } catch (error) {
    if (error instanceof CommandProblem) return error
    throw error
  }
  throw new Error('no problem')
}

t.test('is none when none is given', async t => {
  t.equal(await passwordOf(flags, {}), null)
  t.equal(await passwordOf(flags, { VOICECHAT_PASSWORD: '' }), null, 'set to nothing')
})

t.test('comes from the environment', async t => {
  t.equal(await passwordOf(flags, { VOICECHAT_PASSWORD: ' open sesame ' }), ' open sesame ')
})

t.test('comes from a file, rather than from the environment', async t => {
  const passwordFile = file(t, 'from the file\n')
  t.equal(await passwordOf({ ...flags, passwordFile }, { VOICECHAT_PASSWORD: 'other' }), 'from the file')
})

t.test('is all of the line, without its end', async t => {
  const cases: [string, string][] = [
    ['sesame', 'sesame'],
    ['sesame\n', 'sesame'],
    ['sesame\r\n', 'sesame'],
    ['\uFEFFsesame\r\n', 'sesame'],
    ['  grüezi mitenand \n', '  grüezi mitenand '],
  ]
  for (const [content, password] of cases) {
    const passwordFile = file(t, content)
    t.equal(await passwordOf({ ...flags, passwordFile }, {}), password, JSON.stringify(content))
  }
})

t.test('refuses a file that is not one line', async t => {
  for (const [content, said] of [
    ['', /is empty/],
    ['\n', /is empty/],
    ['sesame1\nsesame2\n', /several lines/],
    ['sesame1\n\n', /several lines/],
  ] as const) {
    const passwordFile = file(t, content)
    const { name, message, hint, exitCode } = await problem(passwordOf({ ...flags, passwordFile }, {}))
    t.match({ name, message, exitCode }, { name: 'passwordFile', message: said, exitCode: 2 }, JSON.stringify(content))
    t.ok(message.includes(passwordFile) && hint !== '')
    t.notMatch(`${message} ${hint}`, /sesame/, 'does not show what is in it')
  }
})

t.test('names the file that it can not read', async t => {
  const folder = t.testdir()
  for (const passwordFile of [join(folder, 'none'), folder]) {
    const { name, message, exitCode } = await problem(passwordOf({ ...flags, passwordFile }, {}))
    t.match({ name, exitCode }, { name: 'passwordFile', exitCode: 2 })
    t.ok(message.includes(passwordFile))
  }
})

t.test('is not asked for where there is no terminal, or where a program listens', async t => {
  const { isTTY } = process.stdin
  t.teardown(() => {
    process.stdin.isTTY = isTTY
  })
  for (const [terminal, json] of [
    [false, false],
    [true, true],
  ] as const) {
    process.stdin.isTTY = terminal
    const { name, hint, exitCode } = await problem(passwordOf({ ...flags, password: true, json }, {}))
    t.match({ name, hint, exitCode }, { name: 'noTerminal', hint: /--password-file/, exitCode: 2 })
  }
})
