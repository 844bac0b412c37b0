/** The call in one line, for terminals that are too small for more. */
import { isNameless } from '../peer-name.js'
import { duration } from '../sentences.js'
import { fit, type Line, part, span } from './line.js'
import type { Shown } from './shown.js'

/** At most `width` columns. What matters most stays. */
export function statusLine({ view, stats, names, invitation, elapsedMs, volume }: Shown, width: number): Line {
  const { peer } = names
  if (view.state === 'ended') return []
  if (view.state !== 'talking') {
    const code = view.state === 'waiting' && invitation?.code
    const what = code ? span(code, 'bold') : span(isNameless(peer) ? view.state : `${view.state} ${peer}`)
    return fit([part(0, what), part(1, span('[q] quit'))], width)
  }
  const path = view.route === 'direct' ? stats?.path : null
  const parts = [
    part(1, span(duration(elapsedMs))),
    view.muted ? part(0, span('MUTED', 'badge')) : part(0),
    view.peerRecording ? part(1, span(`${peer} RECORDS`, 'badge')) : part(1),
    view.recording ? part(4, span('REC', 'warn')) : part(4),
    view.silent ? part(2, span(`${peer} SILENT`, 'badge')) : part(2),
    part(3, span(view.route ?? 'no route')),
    stats?.rttMs != null ? part(5, span(`RTT ${stats.rttMs} ms`)) : part(5),
    stats ? part(6, span(`loss ${stats.lossPct.toFixed(1)} %`)) : part(6),
    view.peerMuted ? part(4, span(`${peer} muted`)) : part(4),
    volume === 100 ? part(9) : part(9, span(`volume ${volume} %`)),
    part(8, span(view.muted ? '[m] unmute' : '[m] mute')),
    view.verified ? part(6) : part(6, span('[v] codes match')),
    part(7, span('[q] hang up')),
    path ? part(10, span(`via ${path.local}-${path.remote}`)) : part(10),
  ]
  return fit([part(2, span(`${peer}`, 'bold')), ...parts], width)
}
