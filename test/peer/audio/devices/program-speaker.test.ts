import t from 'tap'
import { AudioProblem } from '../../../../peer/audio/audio.js'
import { startProgram } from '../../../../peer/audio/devices/program.js'
import { ProgramSpeaker } from '../../../../peer/audio/devices/program-speaker.js'
import type { SoundSystem } from '../../../../peer/audio/devices/sound-system.js'
import { NodeClock } from '../../../../peer/node-clock.js'

/** A sound system whose program says that it is ready, and then does this. */
const system = (does: string): SoundSystem => ({
  name: 'alsa',
  idsAreNames: true,
  readyMs: 3_000,
  find: async () => {},
  list: async () => [],
  check: async () => [],
  start: () => startProgram('sh', ['-c', `echo ready >&2; ${does}`]),
  reader: () => line => {
    if (line === 'ready') return { kind: 'ready' }
    return line === 'played' ? { kind: 'played', ms: 1 } : null
  },
  explain: () => new AudioProblem('deviceLost', 'It ended.', ''),
  knows: () => true,
  preferred: () => null,
})

/** What it is lost by. */
async function lostBy(does: string): Promise<string> {
  const speaker = new ProgramSpeaker(system(does), 'that', new NodeClock())
  try {
    return await new Promise((resolve, reject) => {
      speaker
        .open(
          () => {},
          problem => resolve(problem.message),
        )
        .catch(reject)
    })
  } finally {
    await speaker.close()
  }
}

t.test('a program that ends is a device that is lost', async t => {
  t.equal(await lostBy('sleep 0.2'), 'It ended.')
})

t.test('so is one that lives and takes nothing any more', async t => {
  for (const does of ['exec sleep 20', 'echo played >&2; exec sleep 20'])
    t.equal(await lostBy(does), 'The speaker takes no sound any more.', does)
})

t.test('one that takes what it gets goes on', async t => {
  t.equal(await lostBy('echo played >&2; timeout 5 cat >/dev/null'), 'It ended.')
})
