import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface CoturnOptions {
  /** What its credentials are made with. */
  readonly secret: string
  /** Where it listens, and where its relayed addresses are. */
  readonly address: string
  readonly port: number
  /** What to put before a program so that it runs in a network lab. */
  readonly within?: readonly string[]
}

/** A real TURN server (coturn), over UDP only. */
export const coturn = {
  /** Null, or the reason why there is none here. */
  available(): string | null {
    return spawnSync('turnserver', ['--version']).error ? 'no turnserver here (Debian: coturn)' : null
  },

  /** Starts one; it may take a moment to listen. Returns what ends it and removes its files. */
  start({ secret, address, port, within = [] }: CoturnOptions): () => Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'voicechat-coturn-'))
    const how = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--log-file=stdout', '--realm=voicechat.test']
    const where = [`--listening-ip=${address}`, `--relay-ip=${address}`, `--listening-port=${port}`]
    const who = ['--use-auth-secret', `--static-auth-secret=${secret}`]
    const files = [`--userdb=${join(folder, 'db')}`, `--pidfile=${join(folder, 'pid')}`]
    const [program = '', ...args] = [...within, 'turnserver', ...how, ...where, ...who, ...files]
    const server = spawn(program, args, { stdio: 'ignore' })
    const gone = once(server, 'close')
    const kill = () => server.kill('SIGKILL')
    process.on('exit', kill)
    return async () => {
      process.off('exit', kill)
      kill()
      await gone
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
