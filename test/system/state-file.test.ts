/** State on disk between real programs: nothing is lost, nobody's death locks anyone out, a full disk changes nothing. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import * as z from 'zod'
import { StateFile } from '../../protocol/node-state-file.js'
import { Program } from '../lab/program.js'

const WRITER = fileURLToPath(new URL('./state-writer-main.js', import.meta.url))
const counts = (path: string) => JSON.parse(readFileSync(path, 'utf8')).counts as Record<string, number>
const writer = (path: string, times: number, ...more: string[]) =>
  new Program<{ event: string }>(WRITER, [path, String(times), ...more], { name: 'writer' })

t.test('eight programs that change it fifty times each lose no change', async t => {
  const path = join(t.testdir(), 'state.json')
  const programs = Array.from({ length: 8 }, () => writer(path, 50))
  for (const { exited } of programs) t.match(await exited, { code: 0 })
  t.same(Object.values(counts(path)), Array(8).fill(50))
  t.same(readdirSync(t.testdirName), ['state.json'])
})

t.test('what a program holds that is killed, all others that wait for it get once, one after the other', async t => {
  const path = join(t.testdir(), 'state.json')
  const victims = Array.from({ length: 3 }, () => writer(path, 1))
  for (const { exited } of victims) await exited
  for (let round = 0; round < 3; round++) {
    const holder = writer(path, 1, 'hang')
    while (!holder.events.length) await new Promise(resolve => setTimeout(resolve, 10))
    const waiting = Array.from({ length: 6 }, () => writer(path, 10))
    holder.kill('SIGKILL')
    await holder.exited
    for (const program of waiting) t.match(await program.exited, { code: 0 }, program.stderr)
  }
  t.same(Object.values(counts(path)).sort(), [...Array(3).fill(1), ...Array(18).fill(10)])
  t.same(readdirSync(t.testdirName), ['state.json'])
})

t.test('a program that keeps it locked is named, and what it keeps stays as it is', async t => {
  const path = join(t.testdir(), 'state.json')
  const holder = writer(path, 1, 'hang')
  t.teardown(() => holder.kill('SIGKILL'))
  while (!holder.events.length) await new Promise(resolve => setTimeout(resolve, 10))
  const late = writer(path, 1)
  t.match(await late.exited, { code: 1 })
  t.match(
    late.stderr,
    new RegExp(`lockedState: Another program \\(process ${holder.pid}\\) keeps the file ${path} locked`),
  )
})

t.test('a full disk changes nothing', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voicechat-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', folder]).status === 0
  t.teardown(() => {
    if (mounted) spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })
  if (!mounted) return t.comment('skipped: no small file system can be mounted here (that needs root)')
  const file = new StateFile(join(folder, 'state.json'), z.object({ text: z.string() }), 'Move it away.')
  file.update(() => ({ text: 'good' }))
  const full = { name: 'unusableState', message: /written: the disk is full/ }
  // Part of it would fit: half a file must not take the place of a whole one.
  t.throws(() => file.update(() => ({ text: 'x'.repeat(40_000) })), full)
  await t.rejects(file.write({ text: 'x'.repeat(40_000) }), full)
  t.same(file.read(), { text: 'good' })
  t.same(readdirSync(folder), ['state.json'])
  return undefined
})
