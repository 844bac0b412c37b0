/** All targets, each a file of targets/. */

export interface TargetPlan {
  /** Its share of a long run: more for what is quick, so that each takes minutes, not hours. */
  readonly share: number
  /** Fresh inputs in the quick test. */
  readonly quick: number
}

/** Microseconds an input. */
const light: TargetPlan = { share: 500, quick: 1_024 }
const quick: TargetPlan = { share: 100, quick: 512 }
/** Hundreds of microseconds. */
const middling: TargetPlan = { share: 5, quick: 128 }
/** Milliseconds: elliptic curves, or a long list of words to compare with. */
const slow: TargetPlan = { share: 1, quick: 16 }

export const targets: Readonly<Record<string, TargetPlan>> = {
  'access-list': quick,
  'alsa-list': quick,
  base64url: light,
  'command-line': middling,
  commands: quick,
  'device-programs': quick,
  'echo-lines': quick,
  'frame-reader': quick,
  'handshake-messages': quick,
  handshake: slow,
  hub: slow,
  ice: light,
  id: light,
  invitation: slow,
  identity: quick,
  keys: quick,
  'length-value': light,
  lines: quick,
  link: slow,
  login: slow,
  members: quick,
  names: quick,
  negotiation: light,
  'one-time-code': slow,
  opus: middling,
  'ordered-channel': quick,
  'ordered-pair': middling,
  origin: quick,
  packet: light,
  'pulse-list': quick,
  'relay-leg': quick,
  sdp: quick,
  sealing: middling,
  'server-address': quick,
  'server-config': middling,
  'server-line': middling,
  'settings-file': quick,
  settings: middling,
  'sframe-header': light,
  'signaling-from-peer': quick,
  'signaling-from-server': quick,
  'stun-answer': light,
  stun: light,
  'trust-files': quick,
  wav: light,
}

export function moduleOf(target: string): string {
  return new URL(`./targets/${target}.js`, import.meta.url).href
}
