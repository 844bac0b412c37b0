/** The direct route where there is no engine for it: says so at once, for each attempt. */
import { fromCallback } from 'xstate'
import type { DirectEvent } from '../call/events.js'
import type { DirectCommand, DirectInput } from '../call/setup.js'

export const unavailableDirect = fromCallback<DirectCommand, DirectInput>(({ receive, sendBack }) => {
  const report: (event: DirectEvent) => void = sendBack
  receive(command => {
    if (command.type !== 'try') return
    report({ type: 'direct.unavailable', generation: command.generation, why: 'This version has no direct route yet.' })
  })
})
