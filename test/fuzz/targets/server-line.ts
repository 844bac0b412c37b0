/** The command line of a server, an argument a line, and the TURN servers on it. */
import { CommanderError } from 'commander'
import { type ServerFlags, serverCommand } from '../../../signaling/options.js'
import { ServerProblem } from '../../../signaling/server-problem.js'
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
  files: ['signaling/options.js', 'signaling/turn-settings.js'],
  maxBytes: 400,
  samples: lines.map(text => Buffer.from(text)),
  words: [...new Set(lines.flatMap(text => text.split('\n'))), '\n', ',', '--', '-', '=', '--help', '1e3', ' 1', '０'],
  run(input) {
    const command = quiet(serverCommand('0'))
    let flags: Partial<ServerFlags>
    try {
      flags = command.parse(new TextDecoder().decode(input).split('\n'), { from: 'user' }).opts()
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      return error.code
    }
    for (const port of [flags.port, flags.stunPort === 'off' ? 0 : flags.stunPort])
      holds(port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65535), 'a port is a port')
    try {
      checkTurnSettings({ urls: flags.turn ?? [], secret: flags.turnSecretFile ?? 'x' })
      return `${Object.keys(flags).length}`
    } catch (error) {
      if (!(error instanceof ServerProblem)) throw error
      return error.name
    }
  },
}
