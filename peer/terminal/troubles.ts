import { plainText } from './plain-text.js'

/** Which page of peer/troubles/ tells more about a problem, by the problem's name. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'no-sound': ['noSoundSystem', 'noSuchDevice', 'deviceBroken', 'deviceLost', 'denoiseBroken'],
  echo: ['noEchoCanceller'],
  node: ['codecBroken', 'crash'],
  server: ['serverLost'],
  refused: ['refused', 'busy', 'noEcho'],
  'silent-microphone': ['nothingSaid'],
  'port-taken': ['portInUse'],
  'nobody-comes': ['nobodyCame', 'vanished', 'notHeardBack'],
  'never-direct': ['noRoute', 'noEngine'],
  unverified: ['unverified'],
}

const BY_NAME = new Map(Object.entries(PAGES).flatMap(([page, names]) => names.map(name => [name, page] as const)))

/** The path of the page, from the top of the repository; null where the hint says all. */
export function pageOf(problem: string): string | null {
  const page = BY_NAME.get(problem)
  return page === undefined ? null : `peer/troubles/${page}.md`
}

/** What people read of a problem, on one line: what happened, what to do, where more is written. */
export function inOneLine({ name, message, hint }: { name: string; message: string; hint: string }): string {
  const page = pageOf(name)
  return plainText([message, hint, page === null ? '' : `More: ${page}`].filter(part => part !== '').join(' '))
}
