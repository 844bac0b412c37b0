/**
 * What is said of the voice lane in an engine's description. An audio section goes to no other side: a foreign engine would have to refuse
 * it, and answer with a section more. Instead a line says that its sender has one, which whoever does not know it passes over; who knows
 * it adds the section, the same each time, before its own engine reads the description. Without the line frames go over the data channel.
 */
import { PAYLOAD_TYPE } from './rtp.js'

export const LANE_MID = 'lane'
export const LANE_CODEC = 'voicechat'
const LINE = 'a=voicechat-frames:rtp'
const SECTION = [
  `m=audio 9 UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`,
  'c=IN IP4 0.0.0.0',
  `a=mid:${LANE_MID}`,
  'a=sendrecv',
  'a=rtcp-mux',
  `a=rtpmap:${PAYLOAD_TYPE} ${LANE_CODEC}/48000/2`,
]
const END = '\r\n'

/** Our own engine's description as the other side is to have it: with the line instead of the audio section. */
export function withLaneLine(sdp: string): string {
  const lines = sdp.split(/\r?\n/).filter(line => line !== '' && !/^a=(group:LS|msid-semantic)/.test(line))
  const sections = lines.join(END).split(/\r\n(?=m=)/)
  const others = sections.filter(section => !section.startsWith('m=audio'))
  const [session = '', ...media] = others
  const bundle = session.replace(/^(a=group:BUNDLE.*) lane\b|^(a=group:BUNDLE) lane\b/m, '$1$2')
  return [bundle, ...media, LINE, ''].join(END)
}

/** Whether the other side has a lane. */
export function hasLaneLine(sdp: string): boolean {
  return sdp.split(/\r?\n/).includes(LINE)
}

/** The other side's description as our own engine is to have it. */
export function withLaneSection(sdp: string): string {
  return [sdp.trimEnd(), ...SECTION, ''].join(END)
}
