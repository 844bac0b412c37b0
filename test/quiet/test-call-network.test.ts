/** Test calls with the echo of a server on the internet, from homes of both kinds: directly, and over the relay. */
import t from 'tap'
import { only } from '../lab/event.js'
import { Lab } from '../lab/lab.js'
import { type NatKind, NetworkLab } from '../lab/network.js'
import { speechPath } from '../speech/speech.js'

t.setTimeout(120_000)
/** A tone would do, but of a steady beat nobody can tell which one comes back. */
const MIC = `file:${speechPath('congratulations')}`
const skip = NetworkLab.available() ?? false

for (const [nat, route] of [
  ['ordinary', 'direct'],
  ['udpBlocked', 'relay'],
] as const satisfies readonly (readonly [NatKind, string])[])
  t.test(
    `from behind ${nat === 'ordinary' ? 'an ordinary NAT' : 'a router that blocks UDP'}: ${route}`,
    { skip },
    async t => {
      const lab = new Lab()
      t.teardown(() => lab.close())
      const network = await NetworkLab.start({ a: { nat } })
      t.teardown(() => network.stop())
      const within = network.within('server')
      const server = await lab.server({ port: 9001, within, address: network.serverAddress, args: ['--echo'] })
      await server.event(line => line.msg === 'echo ready', 20_000)
      const args = ['--test-call', '--server', server.url, '--mic', MIC, '--speaker', 'none', '--for', '6', '--json']
      const peer = lab.peer(args, { within: network.within('a') })
      t.equal((await peer.exit(60_000)).code, 0)
      const [outcome] = only('testCall', peer.events)
      t.match(outcome, { verdict: 'heardBack', route })
      t.comment(JSON.stringify(outcome))
    },
  )
