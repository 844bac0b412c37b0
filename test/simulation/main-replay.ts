/** simulate --replay FILE: feeds a recorded call to the statechart again and prints what happened. */
import { readFileSync } from 'node:fs'
import { parseRecording } from './recording.js'
import { replay } from './replay.js'
import { timeline } from './timeline.js'

const DIFFERS = 1
const BAD_FILE = 2

/** Prints the timeline. Returns the exit code. */
export function replayFile(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return bad(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  const recording = parseRecording(text)
  if (!recording.ok) return bad(`${path} cannot be replayed. ${recording.error.message}`)
  const steps = replay(recording.value)
  process.stdout.write(`${timeline(recording.value, steps).join('\n')}\n`)
  return steps.some(({ differences }) => differences.length > 0) ? DIFFERS : 0
}

function bad(message: string): number {
  process.stderr.write(`${message}\n`)
  return BAD_FILE
}
