/**
 * Lets programs that are elsewhere into a network lab: `doors-main.js PATH=ADDRESS:PORT ...` listens on each path, a Unix socket, and passes
 * on whatever comes to the TCP address, as seen from where it runs. Ends when stdin closes.
 */
import { connect, createServer } from 'node:net'

for (const door of process.argv.slice(2)) {
  const [, path = '', host = '', port] = /^(.*)=(.*):(\d+)$/.exec(door) ?? []
  createServer({ allowHalfOpen: true }, inside => {
    const outside = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true })
    inside.on('error', () => outside.destroy()).pipe(outside)
    outside.on('error', () => inside.destroy()).pipe(inside)
  }).listen(path, () => process.stdout.write(`${JSON.stringify({ open: path })}\n`))
}
process.stdin.on('close', () => process.exit()).resume()
