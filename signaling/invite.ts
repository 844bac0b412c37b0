/** `voicechat-server invite`: prints a token and the command for whoever gets it. The server may run meanwhile, or not. */
import { encodeInvitation } from '../protocol/invitation.js'
import { nodeRandom } from '../protocol/node-random.js'
import { AccessList } from './access-list.js'
import { certificateNames } from './certificate.js'
import { inviteKey } from './invite-key.js'
import { memberFile } from './member-file.js'
import { grantsOf, NO_MEMBERS } from './members.js'
import { lanAddress, originAt, publicOrigins } from './origins.js'
import { ServerProblem } from './server-problem.js'
import type { ServerSettings } from './settings.js'
import { giveToOwner, withState } from './state-dir.js'

/** `id`: the only one that it is for; null: any. `seconds`: how long it is good for. Throws a ServerProblem. */
export function invite(settings: ServerSettings, id: string | null, seconds: number): void {
  const { stateDir } = settings
  if (stateDir === undefined) throw noStateDir()
  const url = publicOrigins(settings.publicUrl)[0] ?? ownUrl(settings)
  const ends = Math.floor(Date.now() / 1000) + seconds
  const token = withState(() => {
    const members = memberFile(stateDir).read() ?? NO_MEMBERS
    if (id !== null && new AccessList(grantsOf(members)).ownerOf(id) !== undefined)
      throw new ServerProblem(
        'memberExists',
        `The id ${id} is a member's already.`,
        `Invite somebody as another id; or make it free: voicechat-server members remove ${id}`,
      )
    const key = inviteKey(stateDir)
    giveToOwner(stateDir, 'invite-key.json')
    return encodeInvitation(key, { serial: nodeRandom(8), ends, id })
  })
  // What programs may want is on stdout alone.
  console.error(
    `An invitation for ${id ?? 'any id'}, good for one person until ${new Date(ends * 1000).toISOString()}.`,
  )
  console.error('Send it by a private way: whoever uses it first is let in.')
  if (url.startsWith('ws:'))
    console.error(
      'Without TLS (ws:) everybody on the way can see it when it is used; better is wss:, with --tls-cert or a proxy in front.',
    )
  console.error('The invitation, and what the invited person types:')
  console.log(token)
  console.log(`npx voicechat-peer --server ${url} --id ${id ?? 'THEIR-ID'} --invitation ${token} --to WHOM-THEY-CALL`)
}

function ownUrl({ host, port, tlsCert }: ServerSettings): string {
  const own = host ?? lanAddress() ?? 'localhost'
  const [name = own] = tlsCert === undefined ? [] : certificateNames(tlsCert)
  return originAt(name, port, tlsCert === undefined ? 'ws' : 'wss') ?? `ws://localhost:${port}`
}

export function noStateDir(): ServerProblem {
  return new ServerProblem(
    'noStateDir',
    'Whose members?',
    'Name the state directory of the server with --state-dir, or VOICECHAT_STATE_DIR.',
  )
}
