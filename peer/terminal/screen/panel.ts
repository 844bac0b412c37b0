/** The live lines of the call screen: from what is known of the call to lines. Pure. */
import type { Glyphs } from './glyphs.js'
import { Layout } from './layout.js'
import { cut, type Line } from './line.js'
import type { Shown, Size } from './shown.js'
import { statusLine } from './status-line.js'
import { TalkingPanel } from './talking-panel.js'
import { waitingPanel } from './waiting-panel.js'

/** In fewer rows one line has to do, and below this width too. */
const MIN_ROWS = 8
const MIN_COLUMNS = 20
/** From here on there is room for all lines and for some of what happened above them. */
const FULL_ROWS = 14
/** Wider lines are no easier to read, and the fewer lines a narrower terminal has to wrap, the better. */
const MAX_WIDTH = 79

/**
 * The lines for a terminal of this size, each narrower than it: the last column stays free, since some terminals wrap when it is
 * written. None when the call has ended.
 */
export function panel(shown: Shown, { columns, rows }: Size, glyphs: Glyphs): Line[] {
  if (shown.view.state === 'ended') return []
  const width = Math.max(0, Math.min(columns - 1, MAX_WIDTH))
  if (rows < MIN_ROWS || columns < MIN_COLUMNS) return [statusLine(shown, width)]
  const layout = new Layout(width, glyphs, shown.names.peer)
  return linesOf(shown, layout, rows >= FULL_ROWS)
    .filter(line => line.length > 0)
    .map(line => cut(line, width))
}

/** `tall`: there is room for more than what matters most. */
function linesOf(shown: Shown, layout: Layout, tall: boolean): Line[] {
  if (shown.view.state !== 'talking') return waitingPanel(shown, layout, tall)
  const lines = new TalkingPanel(shown, layout)
  return tall ? lines.full() : lines.compact()
}
