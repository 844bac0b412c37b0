/** All targets, each a file of targets/. */

export interface TargetPlan {
  /** Its share of a long run: more for what is quick, so that each takes minutes, not hours. */
  readonly share: number
  /** Fresh inputs in the quick test. */
  readonly quick: number
}

const quick: TargetPlan = { share: 100, quick: 2_048 }
/** Tens of microseconds an input. */
const middling: TargetPlan = { share: 20, quick: 1_024 }
/** Milliseconds an input: elliptic curves. */
const slow: TargetPlan = { share: 1, quick: 0 }

export const targets: Readonly<Record<string, TargetPlan>> = {
  'alsa-list': quick,
  base64url: quick,
  'command-line': middling,
  commands: quick,
  'device-programs': quick,
  'echo-lines': quick,
  'handshake-messages': quick,
  handshake: slow,
  hub: slow,
  ice: quick,
  id: quick,
  invitation: slow,
  identity: middling,
  keys: quick,
  'length-value': quick,
  lines: quick,
  link: slow,
  login: slow,
  names: quick,
  negotiation: quick,
  'one-time-code': middling,
  opus: middling,
  'ordered-channel': quick,
  'ordered-pair': middling,
  origin: quick,
  packet: quick,
  'pulse-list': quick,
  'relay-leg': quick,
  sdp: quick,
  sealing: middling,
  'server-address': quick,
  'server-line': middling,
  'settings-file': quick,
  settings: middling,
  'sframe-header': quick,
  'signaling-from-peer': quick,
  'signaling-from-server': quick,
  'stun-answer': quick,
  stun: quick,
  'trust-files': middling,
  wav: quick,
}

export function moduleOf(target: string): string {
  return new URL(`./targets/${target}.js`, import.meta.url).href
}
