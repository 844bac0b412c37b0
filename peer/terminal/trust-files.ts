/** Whom this person knows, and what was tried, from the configuration folder. */
import { ContactFile } from '../trust/contact-file.js'
import { GuessFile } from '../trust/guess-file.js'
import { CONFIG_FOLDER } from './config-folder.js'

/** Both are looked at once: what can't be read should be known before anyone waits. Throws a StateProblem. */
export function loadTrust(folder: string = CONFIG_FOLDER): { contacts: ContactFile; guesses: GuessFile } {
  const trust = { contacts: new ContactFile(folder), guesses: new GuessFile(folder) }
  trust.contacts.list()
  trust.guesses.list()
  return trust
}
