/**
 * Which worker a connection goes to, by the URL of its request: the one that it names (`?server=2`), else the one of its pair of people
 * (`?pair=...`, protocol/pair.ts), else any. A worker that is not ready is passed over.
 */
import { fnvOf } from '../../protocol/fnv.js'

/** `ready`: of each worker, whether it is. `any`: a number that is another one each time. Null: none is. */
export function chooseWorker(url: string, ready: readonly boolean[], any: number): number | null {
  const query = new URLSearchParams(url.split('?', 2)[1] ?? '')
  const named = query.get('server')
  const pair = query.get('pair')
  const wished = named !== null && /^\d{1,4}$/.test(named) ? Number(named) : pair === null ? any : fnvOf(pair)
  for (let n = 0; n < ready.length; n++) {
    const worker = (wished + n) % ready.length
    if (ready[worker]) return worker
  }
  return null
}
