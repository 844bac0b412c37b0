/** The terminal that the program was started in. */
import type { WriteStream } from 'node:tty'
import type { Screen } from '../screen-output.js'
import { glyphsFor } from './glyphs.js'

export function screenOf(output: WriteStream): Screen {
  return {
    glyphs: glyphsFor(process.env, process.platform),
    // Knows NO_COLOR and TERM.
    colour: output.hasColors(),
    xtermJs: process.env.TERM_PROGRAM === 'vscode',
    write: text => void output.write(text),
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

/** Whether lines can be drawn in place there at all. */
export function canRedraw(output: WriteStream, env: NodeJS.ProcessEnv): boolean {
  return output.isTTY === true && env.TERM !== 'dumb'
}
