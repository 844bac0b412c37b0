/** `voicechat-peer contacts`: whose keys are known, and how to take that back on purpose. */

import { didYouMean, noSuchAction } from '../../protocol/did-you-mean.js'
import { fingerprintOf } from '../../protocol/fingerprint.js'
import { parseId } from '../../protocol/id.js'
import { ContactFile } from '../trust/contact-file.js'
import type { Contact } from '../trust/contacts.js'
import { GuessFile } from '../trust/guess-file.js'
import { columns } from './columns.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { type FolderIO, realFolder } from './folder-io.js'
import { CommandProblem } from './problem.js'
import { day } from './when.js'

export const contactsActions = ['list', 'forget', 'unlock'] as const

/** Throws a CommandProblem or a StateProblem. */
export async function contacts(
  json: boolean,
  [action = 'list', id]: readonly string[],
  { write, folder, now }: FolderIO = realFolder,
): Promise<ExitCode> {
  const known = contactsActions.find(each => each === action)
  if (!known) throw usage(noSuchAction('contacts', action, contactsActions))
  if ((known === 'list') !== (id === undefined)) throw usage(`contacts ${known} takes ${id ? 'nothing' : 'an ID'}.`)
  const say = (event: string, more: object, sentence: string) =>
    write(json ? `${JSON.stringify({ event, t: now(), ...more })}\n` : `${sentence}\n`)
  const file = new ContactFile(folder, now)
  switch (known) {
    case 'list': {
      const all = file.list()
      write(json ? all.map(each => `${contactLine(each, now())}\n`).join('') : `${table(all).join('\n')}\n`)
      return EXIT.ok
    }
    case 'forget': {
      const who = checked(id)
      if (!file.forget(who))
        throw new CommandProblem(
          'noSuchContact',
          `There is no contact "${who}".${didYouMean(
            who,
            file.list().map(each => each.id),
          )}`,
          'voicechat-peer contacts shows all.',
          EXIT.usage,
        )
      say(
        'forgotten',
        { id: who },
        `Forgot the key of ${who}. In the next call you verify anew, by a password or a code, and its key of then is remembered.`,
      )
      return EXIT.ok
    }
    case 'unlock': {
      const who = checked(id)
      const guesses = new GuessFile(folder, now)
      const others = [...new Set(guesses.list().map(({ peer }) => peer))]
      const count = guesses.unlock(who)
      say(
        'unlocked',
        { id: who, count },
        count > 0
          ? `Took back ${count} ${count === 1 ? 'try' : 'tries'} that went wrong with ${who}: you can call again.`
          : `Nothing went wrong with "${who}" within the last hour.${didYouMean(who, others)}`,
      )
      return EXIT.ok
    }
  }
}

function table(all: readonly Contact[]): string[] {
  if (all.length === 0)
    return ['Nobody yet: whom you talk to by a password, or by a code that you confirm with v, is remembered here.']
  return columns([
    ['ID', 'KNOWN SINCE', 'BY', 'FINGERPRINT'],
    ...all.map(({ id, key, since, how }) => [id, day(since), how, fingerprintOf(key)]),
  ])
}

function contactLine({ id, key, since, how }: Contact, t: number): string {
  return JSON.stringify({ event: 'contact', t, id, fingerprint: fingerprintOf(key), since, how })
}

function checked(id = ''): string {
  const parsed = parseId(id)
  if (parsed.ok) return parsed.value
  throw new CommandProblem('badId', `"${id.slice(0, 40)}" is not an id.`, parsed.error.message, EXIT.usage)
}

function usage(message: string): CommandProblem {
  const hint = 'Use contacts, contacts forget ID, or contacts unlock ID.'
  return new CommandProblem('usage', message, hint, EXIT.usage)
}
