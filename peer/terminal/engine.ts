/** What makes the direct route on this machine, and what there is to say of it. */
import { reasonOf } from '../../protocol/reason.js'
import type { Connect } from '../routes/connection.js'
import type { loadEngine } from '../routes/node-engine.js'
import { EXIT } from './exit-codes.js'
import type { PeerFlags } from './options.js'
import { CommandProblem } from './problem.js'

export interface ChosenEngine {
  /** Null: no direct route here; the relay is there for that. */
  readonly connect: Connect | null
  /** Where nobody asked for it, but it is not the native engine: one sentence. */
  readonly remark: string | null
}

/** Throws a CommandProblem where the engine that was asked for does not load. */
export async function chooseEngine(
  { route, webrtc }: Pick<PeerFlags, 'route' | 'webrtc'>,
  load: typeof loadEngine = async wanted => (await import('../routes/node-engine.js')).loadEngine(wanted),
): Promise<ChosenEngine> {
  if (route === 'relay') return { connect: null, remark: null }
  try {
    const { connect, name, instead } = await load(webrtc ?? null)
    const remark = `The direct route is made by ${name}: the native engine does not load here`
    return { connect, remark: instead === undefined ? null : `${remark} (${firstLine(instead)}).` }
  } catch (error) {
    const why = firstLine(reasonOf(error))
    if (webrtc === undefined)
      return { connect: null, remark: `There is no direct route here: no engine for it loads (${why}).` }
    throw new CommandProblem(
      'noEngine',
      `The ${webrtc} engine does not load on this machine: ${why}`,
      'Leave --webrtc out to take whichever does.',
      EXIT.usage,
    )
  }
}

/** The rest of what Node says of a module that does not load is a list of files. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
