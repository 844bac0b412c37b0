/** The server's file of members. */
import { StateFile } from '../../../protocol/node-state-file.js'
import { current, grantsOf, type Members, redeem, remove, savedMembers } from '../../../signaling/members.js'
import { readState } from '../state.js'
import { holds, type Target } from '../target.js'
import { jsonWords } from './signaling-from-peer.js'

const key = Buffer.alloc(32, 7).toString('base64url')
const serial = new Uint8Array(8)
const member = { key, id: null as string | null, serial: 'AAAAAAAAAAA', since: 1, ends: 2_000, removed: false }
const saved = (...members: unknown[]) => Buffer.from(JSON.stringify({ version: 1, members }))
const file = new StateFile<Members>('members.json', savedMembers, '')

export const target: Target = {
  files: ['signaling/members.js'],
  maxBytes: 2_000,
  samples: [
    saved(),
    saved(member),
    saved({ ...member, id: 'ABC' }, { ...member, serial: 'BAAAAAAAAAA', removed: true }),
    saved({ ...member, id: '__proto__', ends: 0, removed: true }),
  ],
  words: [...jsonWords, '"version":1', '"members":', key, JSON.stringify(member), '"removed":true', '1e308'],
  run(input) {
    const read = readState(file, input)
    if ('damaged' in read) return read.damaged
    const all = read.value
    holds(JSON.stringify(file.parse(Buffer.from(JSON.stringify(all)))) === JSON.stringify(all), 'reads what it writes')
    holds(grantsOf(all).length === current(all).length, 'each member may something')
    const none = remove(all, new Set(all.members.map(each => each.key)))
    holds(current(none).length === 0, 'all can be removed')
    const result = redeem(all, key, { serial, ends: 5_000, id: 'abc' }, 1_000)
    if (!result.ok) return result.error.name
    holds(
      grantsOf(result.value).some(grant => grant.key === key),
      'whoever redeems is a member',
    )
    holds(
      redeem(result.value, 'x'.repeat(43), { serial, ends: 5_000, id: null }, 1_000).ok === false,
      'and nobody else is by the same',
    )
    return `${result.value === all} ${Math.min(current(all).length, 2)}`
  },
}
