/** The pictures of a call: a real one, with a sound system of its own, in a real terminal. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, type Lab } from '../lab/lab.js'
import { Pulse } from '../lab/pulse.js'
import { readWav } from '../measure/wav.js'
import { speechPath } from '../speech/speech.js'
import { Terminal } from '../system/terminal.js'
import { Film } from './film.js'
import { drawPicture } from './picture.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const LOOK_MS = 500
/** What stands for this machine's own in all pictures. */
const ADDRESS = 'ws://192.168.1.23:9001'

/** `talkMs`: how long the filmed call lasts. Rejects when there is no sound system or no terminal to be had. */
export async function filmCall(lab: Lab, talkMs = 8_000): Promise<Record<string, string>> {
  const missing = Pulse.available() ?? Terminal.missing()
  if (missing !== null) throw new Error(missing)
  const pulse = await Pulse.start()
  try {
    // Without anyone who uses it, it would end by itself while npx gets ready.
    await pulse.record()
    return { 'call.svg': await wide(lab, pulse, talkMs), 'narrow.svg': await narrow(lab, pulse) }
  } finally {
    await pulse.stop()
  }
}

/** From the command to the end, with a password. */
async function wide(lab: Lab, pulse: Pulse, talkMs: number): Promise<string> {
  const columns = 100
  const { terminal, port, film } = await open(lab, pulse, columns)
  try {
    await film.take(600)
    await film.type('npx voicechat-peer --id ABC --to XYZ --password')
    await film.take(500)
    await terminal.key('Enter')
    await terminal.until(/^Password:/m, 60_000)
    await film.take(1_200)
    await terminal.command('seven quiet crossovers')
    await terminal.until(/joins with:[\s\S]*waiting/i)
    await terminal.settled()
    await film.take(2_500)
    const other = startOther(lab, pulse, port, { VOICECHAT_PASSWORD: 'seven quiet crossovers' })
    await other.event(event => event.event === 'state' && event.state === 'talking', 20_000)
    const voices = speak(pulse)
    await terminal.until(/talking/i)
    for (let ms = 0; ms < talkMs; ms += LOOK_MS) {
      await film.take(LOOK_MS)
      await sleep(LOOK_MS)
    }
    const still = film.newest
    await terminal.type('m')
    await terminal.until(/muted/i)
    for (let ms = 0; ms < 2_000; ms += LOOK_MS) {
      await film.take(LOOK_MS)
      await sleep(LOOK_MS)
    }
    voices.stop()
    await terminal.type('q')
    await terminal.until(/You hung up\./)
    await terminal.until(/\$ ?$/)
    await film.take(2_500)
    await other.exit()
    return drawPicture(film.frames, { columns, rows: film.height, title: 'voicechat-peer', still })
  } finally {
    await terminal.close()
  }
}

/** A moment of talking in 40 columns, over a server, without a password: the code is there to be compared. */
async function narrow(lab: Lab, pulse: Pulse): Promise<string> {
  const columns = 40
  const server = await lab.server({ stateDir: lab.path('server') })
  const other = startOther(lab, pulse, server.port, {})
  await other.event(event => event.event === 'state' && event.state === 'waiting')
  const { terminal, film } = await open(lab, pulse, columns, 20)
  try {
    film.replace(server.url, ADDRESS)
    await terminal.command(`clear; npx voicechat-peer --id ABC --to XYZ --server ${server.url}`)
    const verify = await other.event(event => event.event === 'verify', 30_000)
    if (verify.event === 'verify') film.replace(verify.code, 'K7QD2M')
    const voices = speak(pulse)
    await terminal.until(/talking/i)
    await sleep(4_000)
    await film.take(1_000)
    voices.stop()
    await terminal.type('q')
    await other.exit()
    return drawPicture(film.frames, { columns, rows: film.height, title: 'voicechat-peer' })
  } finally {
    await terminal.close()
    await server.stop()
  }
}

async function open(lab: Lab, pulse: Pulse, columns: number, rows = 24) {
  const port = await freePort()
  const env = {
    ...pulse.env('a'),
    VOICECHAT_PORT: `${port}`,
    VOICECHAT_SERVER: '',
    VOICECHAT_PASSWORD: '',
    npm_config_update_notifier: 'false',
  }
  const terminal = await Terminal.open(lab, { columns, rows, env })
  // The first time npx takes seconds, in which there is nothing to see.
  await terminal.command(`cd '${root}'; npx voicechat-peer --version; echo ready`)
  await terminal.until(/^ready$/m, 90_000)
  await terminal.command('clear')
  await terminal.until(/^\$ ?$/)
  const film = new Film(terminal, [
    [new RegExp(`ws://[\\w.]+:${port}`), ADDRESS],
    [`${port}`, '9001'],
  ])
  return { terminal, port, film }
}

function startOther(lab: Lab, pulse: Pulse, port: number, env: Record<string, string>) {
  const args = ['--id', 'XYZ', '--to', 'ABC', '--server', `ws://127.0.0.1:${port}`, '--json']
  return lab.peer(args, { name: 'XYZ', env: { ...pulse.env('b'), ...env } })
}

function speak(pulse: Pulse): { stop(): void } {
  const voices = [
    pulse.play('a', readWav(speechPath('congratulations')), { loop: true }),
    pulse.play('b', readWav(speechPath('no-connection')), { loop: true }),
  ]
  return {
    stop: () => {
      for (const voice of voices) voice.stop()
    },
  }
}
