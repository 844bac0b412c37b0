/** The command line of a server, an argument a line, and the TURN servers on it. */
import { CommanderError } from 'commander'
import { settle } from '../../../signaling/config.js'
import { flagsOf, serverCommand } from '../../../signaling/options.js'
import { ServerProblem } from '../../../signaling/server-problem.js'
import { serverSettings } from '../../../signaling/settings.js'
import { checkTurnSettings } from '../../../signaling/turn-settings.js'
import { holds, type Target } from '../target.js'
import { quiet } from './command-line.js'

const lines = [
  '--port\n9001\n--host\n::1\n--public-url\nwss://a.example,wss://b.example',
  '--state-dir\n/var/lib/x\n--allow-origin\nhttps://a.example\n--stun-port\noff\n--echo',
  '--turn\nturn:a:3478,turns:b:5349\n--turn\nturn:c:1\n--turn-secret-file\nx\n--stun-port\n0',
  '--port\n65536',
  '--turn\nhttp://x',
]

export const target: Target = {
  files: ['signaling/options.js', 'signaling/settings.js', 'signaling/turn-settings.js'],
  maxBytes: 400,
  samples: lines.map(text => Buffer.from(text)),
  words: [...new Set(lines.flatMap(text => text.split('\n'))), '\n', ',', '--', '-', '=', '--help', '1e3', ' 1', '０'],
  run(input) {
    const command = quiet(serverCommand('0'))
    try {
      command.parse(new TextDecoder().decode(input).split('\n'), { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      return error.code
    }
    const { found, problems } = settle(flagsOf(command), {}, null)
    holds(problems.length === 0, 'what commander lets through is good')
    const { port, stunPort, turn, turnSecretFile } = serverSettings(found)
    for (const each of [port, stunPort === 'off' ? 0 : stunPort])
      holds(each === undefined || (Number.isInteger(each) && each >= 0 && each <= 65535), 'a port is a port')
    try {
      checkTurnSettings({ urls: turn, secret: turnSecretFile ?? 'x' })
      return `${found.filter(({ from }) => from.startsWith('--')).length}`
    } catch (error) {
      if (!(error instanceof ServerProblem)) throw error
      return error.name
    }
  },
}
