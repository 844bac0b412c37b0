/** The volume, from a command on stdin to what is played. */
import t from 'tap'
import type { PeerEvent } from '../lab/event.js'
import { Lab } from '../lab/lab.js'

t.test('a program sets the volume, and is told what is none', async t => {
  const lab = new Lab()
  t.teardown(() => lab.close())
  const server = await lab.server()
  const start = (own: string, to: string, mic: string) =>
    lab.peer(
      [
        '--id',
        own,
        '--to',
        to,
        '--server',
        server.url,
        '--route',
        'relay',
        '--mic',
        mic,
        '--speaker',
        'none',
        '--json',
      ],
      { name: own },
    )
  const peer = start('ABC', 'XYZ', 'none')
  start('XYZ', 'ABC', 'tone')
  await peer.event(event => event.event === 'stats' && event.levelOut > -60, 20_000)
  /** The loudest of the next three seconds, dBFS. */
  const loudest = async () => {
    const levels: number[] = []
    const isStats = (event: PeerEvent) => event.event === 'stats'
    for (let from = peer.events.length; levels.length < 3; from = peer.events.length) {
      const event = await peer.event(isStats, 5_000, from)
      if (event.event === 'stats') levels.push(event.levelOut)
    }
    return Math.max(...levels)
  }
  const whole = await loudest()
  peer.send({ do: 'volume', percent: 10 })
  // The level falls by 20 dB a second.
  await loudest()
  const tenth = await loudest()
  t.comment(`${whole} dBFS at 100 %, ${tenth} dBFS at 10 %`)
  t.ok(Math.abs(whole - tenth - 20) < 5)
  peer.send({ do: 'volume', percent: 0 })
  t.match(await peer.event(event => event.event === 'error'), { name: 'badCommand', message: /from 10 to 200/ })
  t.ok(peer.running)
})
