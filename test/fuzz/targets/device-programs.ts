/** What the program that plays and records by node-web-audio-api says, and the code below it that it can't choose. */
import { notLoaded, readList, readWeb } from '../../../peer/audio/devices/web.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['peer/audio/devices/web.js'],
  maxBytes: 600,
  samples: [
    'ready',
    'holds 31.5 10.0',
    'dry',
    'noise\n["default","MacBook Pro Speakers"]\nbye\n',
    '[]\n',
    'problem: ERR_MODULE_NOT_FOUND x\n',
    'problem: no\n',
  ].map(text => Buffer.from(text)),
  words: ['["', '"]', '","', '[]', '\n', 'holds ', 'NaN', '1e999', 'problem: ', 'null', '\\u0000'],
  run(input) {
    const text = new TextDecoder().decode(input)
    const devices = readList(text)
    for (const { id, name } of devices) holds(typeof id === 'string' && id === name, 'a device is a name')
    const report = readWeb(text)
    if (report?.kind === 'holds')
      holds(Number.isFinite(report.ms) && Number.isFinite(report.thenMs), 'times are numbers')
    const problem = notLoaded(text, '20.19.0')
    holds(problem.message.length < 400 && problem.hint !== '', 'says in few words what to do')
    return `${Math.min(devices.length, 2)} ${report?.kind} ${problem.message.length > 80}`
  },
}
