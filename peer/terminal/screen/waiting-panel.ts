import { howLong, wrapCommand } from '../one-time/invitation.js'
import { duration } from '../sentences.js'
import { key, type Layout } from './layout.js'
import { type Line, part, span } from './line.js'
import type { Shown } from './shown.js'

/** The lines of the screen while two do not talk yet, or not any more. */
export function waitingPanel(shown: Shown, layout: Layout, tall: boolean): Line[] {
  const { view, names, elapsedMs } = shown
  const { peer } = names
  const what = {
    connecting: 'connecting to the server',
    waiting: view.reconnecting ? 'looking for the server' : `waiting for ${peer}`,
    agreeing: `${peer} is there`,
    talking: '',
    ending: 'hanging up',
    ended: '',
  }[view.state]
  const waits = view.state === 'waiting' && !view.reconnecting
  const invitation = view.state === 'waiting' ? invitationLines(shown, layout, tall) : []
  return [
    layout.heading(
      [part(0, span(what, 'bold')), part(1, ...(view.state === 'agreeing' ? [span('agreeing on keys')] : []))],
      duration(elapsedMs),
    ),
    ...invitation,
    waits
      ? layout.text([part(0, span(`It begins by itself when ${peer} comes`)), part(1, span('a bell rings then'))], '; ')
      : [],
    view.muted ? layout.text([part(0, span('MUTED', 'badge')), part(1, span('you will not be heard at first'))]) : [],
    view.state === 'ending'
      ? []
      : layout.text([
          part(1, ...key('m', view.muted ? 'unmute' : 'mute')),
          part(2, ...key('?', 'keys')),
          part(0, ...key('q', 'quit')),
        ]),
  ]
}

/** What the other side needs, in as many lines as the command takes. */
function invitationLines({ invitation }: Shown, layout: Layout, tall: boolean): Line[] {
  if (!invitation) return []
  const command = tall ? wrapCommand(invitation.command, layout.room) : []
  return [
    layout.text([part(0, span('Code', 'dim')), part(0, span(invitation.code, 'bold'))]),
    layout.text([part(1, span(howLong(invitation), 'dim'))]),
    ...(command.length > 0 ? [layout.text([part(1, span('The other side joins with:', 'dim'))])] : []),
    ...command.map(line => layout.text([part(0, span(line))])),
  ]
}
