/**
 * Counts in a state file: `state-writer-main.js FILE TIMES [hang]`. With `hang` it stops inside its last change, in possession of
 * the lock, and says so.
 */
import * as z from 'zod'
import { StateFile } from '../../protocol/node-state-file.js'

const [path = '', times = '0', hang] = process.argv.slice(2)
const file = new StateFile(path, z.object({ counts: z.record(z.string(), z.number()) }), 'Move it away.')
const own = String(process.pid)

for (let i = 1; i <= Number(times); i++) {
  file.update(now => {
    const counts = now?.counts ?? {}
    if (hang !== undefined && i === Number(times)) {
      process.stdout.write('{"event":"holds"}\n')
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
    return { counts: { ...counts, [own]: (counts[own] ?? 0) + 1 } }
  })
}
process.stdout.write('{"event":"done"}\n')
