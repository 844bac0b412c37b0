/** What a check of `voicechat-peer doctor` found. */

/** In this order they run and are shown; of several faults the first one gives the exit code. */
export const checkNames = [
  'versions',
  'configuration',
  'port',
  'server',
  'clock',
  'stun',
  'nat',
  'direct',
  'sound',
] as const
export type CheckName = (typeof checkNames)[number]

/** `warning`: calls work, but not as well as they could. `skipped`: it could not be checked, and `seen` says why. */
export type Verdict = 'ok' | 'warning' | 'fault' | 'skipped'

export interface Finding {
  readonly verdict: Verdict
  /** What was seen: sentences. */
  readonly seen: string
  /** What to do: sentences; empty where there is nothing to do. */
  readonly todo: string
}

export const okay = (seen: string, todo = ''): Finding => ({ verdict: 'ok', seen, todo })
export const warning = (seen: string, todo: string): Finding => ({ verdict: 'warning', seen, todo })
export const fault = (seen: string, todo: string): Finding => ({ verdict: 'fault', seen, todo })
export const skipped = (seen: string, todo = ''): Finding => ({ verdict: 'skipped', seen, todo })
