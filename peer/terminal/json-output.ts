/** `--json`: one JSON object a line on stdout and nothing else; lines for people go to stderr. */
import type { AudioStarted, DeviceChange } from '../audio/audio.js'
import type { EndReason } from '../call/events.js'
import type { CallState, CallView, VerifiedHow } from '../call/view.js'
import type { CheckName, Finding } from '../doctor/finding.js'
import type { HeardBackVerdict } from '../echo/heard-back.js'
import type { EchoCallFigures } from './echo-call-sentences.js'
import type { Invitation } from './one-time/invitation.js'
import type { Output, Problem } from './output.js'
import type { ProcessFigures } from './process-meter.js'
import type { CallStats } from './stats.js'

/** What `--json` prints. `t` is epoch ms. Stable: scripts and monitors rely on it. */
export type JsonEvent =
  /** On each change of any of them. `reason`: "silent" while nothing is heard of the other side, from `ending` on why it ended. */
  | { event: 'state'; t: number; state: CallState; route: 'direct' | 'relay' | null; reason?: EndReason | 'silent' }
  /** Of `--new`, once nobody may have come yet: the code, and the whole command for the other side. */
  | { event: 'code'; t: number; code: string; command: string }
  /** `since`: with "pinned", since when its key is known, epoch ms. */
  | { event: 'verify'; t: number; how: VerifiedHow; verified: boolean; code: string; since?: number }
  /** On each change, and only once someone records: who keeps a recording of the call. */
  | { event: 'recording'; t: number; own: boolean; peer: boolean }
  | ({ event: 'stats'; t: number } & CallStats)
  /** Of `doctor`, one for each check. */
  | ({ event: 'check'; t: number; name: CheckName } & Finding)
  /** At the end of a test call. */
  | ({ event: 'testCall'; t: number; verdict: HeardBackVerdict } & EchoCallFigures)
  /** A device in mid-call, which goes on. `message` and `hint`: why it is lost. */
  | ({ event: 'device'; t: number; change: DeviceChange['change']; message?: string; hint?: string } & Pick<
      DeviceChange,
      'device' | 'name' | 'label'
    >)
  | { event: 'error'; t: number; name: string; message: string; hint: string }
  /** With --verbose only: epoch ms of the first sample taken and played. */
  | ({ event: 'devices'; t: number } & AudioStarted)
  /** With --verbose only, at the end of a call: what it cost. */
  | ({ event: 'process'; t: number } & ProcessFigures)

export class JsonOutput implements Output {
  #state = ''
  #verify = ''
  #recording = 'false false'

  constructor(
    private readonly write: (line: string) => void,
    private readonly writeNote: (line: string) => void,
    private readonly verbose: boolean,
    private readonly epoch: () => number,
  ) {}

  note(line: string): void {
    this.writeNote(`${line}\n`)
  }

  invite({ code, command }: Invitation): void {
    this.#emit({ event: 'code', t: this.epoch(), code, command })
  }

  view(view: CallView): void {
    const { state, route, how, since, verified, code } = view
    if (how && code && (state === 'talking' || state === 'ending')) {
      const verify = `${how} ${verified} ${code}`
      if (verify !== this.#verify)
        this.#emit({ event: 'verify', t: this.epoch(), how, verified, code, ...(since === null ? {} : { since }) })
      this.#verify = verify
    }
    const { recording: own, peerRecording: peer } = view
    if (state === 'talking' && `${own} ${peer}` !== this.#recording) {
      this.#emit({ event: 'recording', t: this.epoch(), own, peer })
      this.#recording = `${own} ${peer}`
    }
    const reason = view.reason ?? (view.silent ? ('silent' as const) : undefined)
    const line = `${state} ${route} ${reason}`
    if (line !== this.#state)
      this.#emit({ event: 'state', t: this.epoch(), state, route, ...(reason ? { reason } : {}) })
    this.#state = line
  }

  stats(stats: CallStats): void {
    this.#emit({ event: 'stats', t: this.epoch(), ...stats })
  }

  devices(devices: AudioStarted): void {
    if (this.verbose) this.#emit({ event: 'devices', t: this.epoch(), ...devices })
  }

  device(change: DeviceChange): void {
    const { device, name, label } = change
    const why = change.change === 'lost' ? { message: change.problem.message, hint: change.problem.hint } : {}
    this.#emit({ event: 'device', t: this.epoch(), device, change: change.change, name, label, ...why })
  }

  process(figures: ProcessFigures): void {
    if (this.verbose) this.#emit({ event: 'process', t: this.epoch(), ...figures })
  }

  testCall(outcome: { verdict: HeardBackVerdict } & EchoCallFigures): void {
    this.#emit({ event: 'testCall', t: this.epoch(), ...outcome })
  }
  volume(): void {}

  problem({ name, message, hint }: Problem): void {
    this.#emit({ event: 'error', t: this.epoch(), name, message, hint })
  }

  close(): void {}

  #emit(event: JsonEvent): void {
    this.write(`${JSON.stringify(event)}\n`)
  }
}
