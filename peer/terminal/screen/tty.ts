/** The terminal that the program was started in. */
import type { WriteStream } from 'node:tty'
import type { Screen } from '../screen-output.js'
import { glyphsFor } from './glyphs.js'

export function screenOf(output: WriteStream): Screen {
  neverWaitFor(output)
  return {
    glyphs: glyphsFor(process.env, process.platform),
    // Knows NO_COLOR and TERM.
    colour: output.hasColors(),
    xtermJs: process.env.TERM_PROGRAM === 'vscode',
    write: text => void output.write(text),
    keepsUp: () => !output.writableNeedDrain,
    size: () => {
      const [columns, rows] = output.getWindowSize()
      return { columns: columns || 80, rows: rows || 24 }
    },
    onResize: told => {
      output.on('resize', told)
      return () => output.off('resize', told)
    },
    now: () => performance.now(),
    every: (ms, run) => {
      const timer = setInterval(run, ms)
      return () => clearInterval(timer)
    },
  }
}

/**
 * Node waits for a terminal that takes nothing (GNU screen's copy mode, a stopped window), and the call would with it. There is no
 * public way to have it otherwise; where this one is missing, it waits.
 */
function neverWaitFor(output: WriteStream): void {
  const { _handle: handle } = output as { _handle?: { setBlocking?(blocking: boolean): void } }
  handle?.setBlocking?.(false)
}

/** Whether lines can be drawn in place there at all. */
export function canRedraw(output: WriteStream, env: NodeJS.ProcessEnv): boolean {
  return output.isTTY === true && env.TERM !== 'dumb'
}
