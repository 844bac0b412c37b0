/**
 * node dist/test/attacks/malicious-server-main.js --do swap|drop|replay|reflect|delay|inject [--seed N] [--port N]
 *
 * Prints a JSON line with its address, `listening`, and one for each kind of thing that it did, `did`, when it does it first. The seed
 * decides which of a trick's kinds it is, and all that it draws.
 */
import { parseArgs } from 'node:util'
import { startMaliciousServer } from './malicious-server.js'
import { tricks } from './tricks/tricks.js'

const { values } = parseArgs({
  options: { do: { type: 'string' }, seed: { type: 'string', default: '0' }, port: { type: 'string', default: '0' } },
})
const trick = tricks[values.do ?? '']
const [seed, port] = [Number(values.seed), Number(values.port)]
if (!trick || !Number.isInteger(seed) || seed < 0 || !Number.isInteger(port)) {
  console.error(`Say what to do: --do ${Object.keys(tricks).join('|')} [--seed 0] [--port 0]`)
  process.exit(2)
}
const done = new Set<string>()
const tell = (line: object) => console.log(JSON.stringify(line))
const did = (what: string) => {
  if (done.has(what)) return
  done.add(what)
  tell({ event: 'did', what })
}
const server = await startMaliciousServer(trick, { seed, port, did })
tell({ event: 'listening', url: server.url })
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)))
