/** npm run simulate: reads a recorded call as if it were a simulated one. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { parseRecording } from './recording.js'
import { replay } from './replay.js'
import { timeline } from './timeline.js'

const DIFFERS = 1
const USAGE = 2

const command = new Command('simulate')
  .description('Feeds a recorded call to the statechart again and prints what happened, as a timeline.')
  .usage('--replay FILE')
  .requiredOption('--replay <file>', 'what voicechat-peer --inspect FILE wrote')
  .addHelpText(
    'after',
    `
Times are ms since the start of the call. Exit codes: 0 all recorded states were reached again, ${DIFFERS} they were not,
${USAGE} usage or bad file.`,
  )
  .allowExcessArguments(false)
  .showHelpAfterError('(--help shows all options)')
  .exitOverride()

function simulate(): number {
  try {
    command.parse()
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
    throw error
  }
  const { replay: path } = command.opts<{ replay: string }>()
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
  return USAGE
}

// Whoever read our output is gone: nobody listens any more.
process.stdout.on('error', () => process.exit(0))
process.exitCode = simulate()
