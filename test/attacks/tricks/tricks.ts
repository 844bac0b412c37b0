import { delay } from './delay.js'
import { drop } from './drop.js'
import { inject } from './inject.js'
import { reflect } from './reflect.js'
import { replay } from './replay.js'
import { swap } from './swap.js'
import type { MakeTrick } from './trick.js'

export const tricks: Readonly<Record<string, MakeTrick>> = { swap, drop, replay, reflect, delay, inject }
