/** `voicechat-server members`: lists who came with an invitation, and takes one out. The server may run meanwhile, and notices. */
import { sameId } from '../protocol/id.js'
import { noStateDir } from './invite.js'
import { memberFile } from './member-file.js'
import { current, type Member, NO_MEMBERS, remove } from './members.js'
import { nameFile } from './name-file.js'
import { ServerProblem } from './server-problem.js'
import type { ServerSettings } from './settings.js'
import { giveToOwner, withState } from './state-dir.js'

/** `action`: absent, `list` or `remove`; `who`: a key or an id. Throws a ServerProblem. */
export function members({ stateDir }: ServerSettings, action: string | undefined, who: string | undefined): void {
  if (stateDir === undefined) throw noStateDir()
  if (action === 'remove' && who !== undefined) return withState(() => removeMember(stateDir, who))
  if ((action === undefined || action === 'list') && who === undefined) return withState(() => list(stateDir))
  throw new ServerProblem(
    'badMembersCommand',
    action === 'remove'
      ? 'Remove whom?'
      : `"${[action, who].join(' ').trim()}" is nothing that can be done to members.`,
    'voicechat-server members lists them; voicechat-server members remove KEY|ID takes one out.',
  )
}

function list(stateDir: string): void {
  const all = current(memberFile(stateDir).read() ?? NO_MEMBERS)
  const idsOf = namesByKey(stateDir)
  for (const member of all)
    console.log(
      `${member.key}  ${dayOf(member.since)}  ${member.id ?? `any id: ${idsOf(member.key).join(' ') || 'none yet'}`}`,
    )
  if (all.length === 0) console.error('Nobody has come with an invitation yet.')
}

function removeMember(stateDir: string, who: string): void {
  const idsOf = namesByKey(stateDir)
  const isMeant = (member: Member) =>
    member.key === who || (member.id === null ? idsOf(member.key) : [member.id]).some(id => sameId(id, who))
  const found: Member[] = []
  memberFile(stateDir).update(all => {
    found.push(...current(all ?? NO_MEMBERS).filter(isMeant))
    return remove(all ?? NO_MEMBERS, new Set(found.map(({ key }) => key)))
  })
  giveToOwner(stateDir, 'members.json')
  if (found.length === 0)
    throw new ServerProblem('noSuchMember', `"${who}" is no member.`, 'voicechat-server members lists them all.')
  for (const { key, id } of found) console.log(`Removed ${key}${id === null ? '' : ` (${id})`}.`)
}

/** The ids that a key has taken on this server; those of the last second may be missing. */
function namesByKey(stateDir: string): (key: string) => string[] {
  const names = nameFile(stateDir).read()?.names ?? []
  return key => names.filter(([, holder]) => holder === key).map(([id]) => id)
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
