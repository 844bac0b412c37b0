import t from 'tap'
import type { AudioProblemName } from '../../../peer/audio/audio.js'
import { type EndReason, endReasons } from '../../../peer/call/events.js'
import { EXIT, exitCodeOf, exitCodeOfAudio } from '../../../peer/terminal/exit-codes.js'

t.test('each end has the exit code that is promised', async t => {
  const promised: Record<EndReason, number> = {
    hungUp: 0,
    peerHungUp: 0,
    serverLost: 3,
    refused: 4,
    busy: 4,
    unverified: 5,
    vanished: 6,
    deviceLost: 7,
    nobodyCame: 8,
    noRoute: 9,
  }
  for (const reason of endReasons) t.equal(exitCodeOf(reason), promised[reason], reason)
})

t.test('a bad file, or what this machine does not have, is a mistake of usage, a bad device is a device', async t => {
  const promised: Record<AudioProblemName, number> = {
    noSoundSystem: 7,
    noSuchDevice: 7,
    deviceLost: 7,
    deviceBroken: 7,
    codecBroken: 7,
    denoiseBroken: 7,
    recordingEnded: 7,
    noSuchFile: 2,
    fileExists: 2,
    notWav: 2,
    cannotRead: 2,
    cannotWrite: 2,
    noEchoCanceller: 2,
  }
  for (const [name, code] of Object.entries(promised)) t.equal(exitCodeOfAudio(name as AudioProblemName), code, name)
})

t.test('the codes are the ones in the documentation', async t => {
  t.same(EXIT, {
    ok: 0,
    crash: 1,
    usage: 2,
    server: 3,
    refused: 4,
    unverified: 5,
    vanished: 6,
    device: 7,
    nobodyCame: 8,
    noRoute: 9,
  })
})
