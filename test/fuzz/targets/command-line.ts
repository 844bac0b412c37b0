/** The command line of a peer, an argument a line. */
import { type Command, CommanderError } from 'commander'
import { flagsOf, peerCommand, usageProblem } from '../../../peer/terminal/options.js'
import { holds, type Target } from '../target.js'

const lines = [
  '--id\nABC\n--to\nXYZ\n--server\nws://localhost:9001',
  '--id=ABC\n--to=XYZ\n--password\n--route\ndirect\n--webrtc\nwerift',
  '--mic\nfile:a.wav\n--speaker\nnone\n--audio\nfile\n--echo-cancel\n--wait\n5\n--for\n1e3',
  '--list-devices\n--json',
  '--test-call\n--record\nx.wav\n--record-mix\n--plain\n--push-to-talk\n--inspect\nx',
  '--help',
  '--version',
  '--mic\nfile:',
  '--speaker\ntone',
]

/** Commander writes to the terminal what is wrong; here nobody reads it. */
export function quiet(command: Command): Command {
  return command.configureOutput({ writeOut: () => {}, writeErr: () => {} })
}

export const target: Target = {
  files: ['peer/terminal/options.js'],
  maxBytes: 400,
  samples: lines.map(text => Buffer.from(text)),
  words: [
    ...new Set(lines.flatMap(text => text.split('\n'))),
    '\n',
    '--',
    '-',
    '=',
    '--no-mic',
    '-h',
    '--__proto__',
    'nan',
    '0x1',
  ],
  run(input) {
    const command = quiet(peerCommand('0'))
    try {
      command.parse(new TextDecoder().decode(input).split('\n'), { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      holds(usageProblem(error).message !== '', 'says what is wrong')
      return error.code
    }
    const flags = flagsOf(command)
    for (const time of [flags.wait, flags.for])
      holds(time === undefined || (time > 0 && time <= 1_000_000), 'a time can be waited')
    holds(['auto', 'direct', 'relay'].includes(flags.route), 'a route is one of three')
    return Object.keys(flags).length > 8 ? 'much' : 'little'
  },
}
