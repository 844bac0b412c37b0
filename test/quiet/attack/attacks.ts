import type { StartAttack } from './attack.js'
import { comings } from './attacks/comings.js'
import { crowd } from './attacks/crowd.js'
import { frames } from './attacks/frames.js'
import { halfClosed } from './attacks/half-closed.js'
import { halfOpen } from './attacks/half-open.js'
import { logins } from './attacks/logins.js'
import { pings } from './attacks/pings.js'
import { silence } from './attacks/silence.js'
import { slowConsumer } from './attacks/slow-consumer.js'
import { slowHead } from './attacks/slow-head.js'
import { textFlood } from './attacks/texts.js'
import { unreadAnswers } from './attacks/unread-answers.js'
import { wrongOrigin } from './attacks/wrong-origin.js'

/** All, by name. */
export const attacks = {
  '2,000 half-open': halfOpen,
  'one address': crowd,
  slowloris: slowHead,
  'upgrade, silence': silence,
  logins,
  'come and go': comings,
  '16 KiB texts': textFlood,
  pings,
  'binary flood': frames,
  'slow consumers': slowConsumer,
  'wrong origins': wrongOrigin,
  'half-closed': halfClosed,
  'unread answers': unreadAnswers,
} as const satisfies Record<string, StartAttack>

export type AttackName = keyof typeof attacks
