/**
 * What keeps each attack from succeeding. Where two defences stand behind each other and one alone is enough, they are taken away
 * together.
 */
import type { Defence } from './defence.js'
import { handshakeDefences } from './defences-handshake.js'
import { loginDefences } from './defences-logins.js'
import { mediaDefences } from './defences-media.js'
import { privacyDefences } from './defences-privacy.js'
import { serverDefences } from './defences-server.js'
import { trustDefences } from './defences-trust.js'

export const defences: readonly Defence[] = [
  ...handshakeDefences,
  ...trustDefences,
  ...loginDefences,
  ...mediaDefences,
  ...serverDefences,
  ...privacyDefences,
].sort((a, b) => a.attack - b.attack)
