/**
 * What is said of the voice lane in an engine's description. The other side gets no audio section: a foreign engine would have to refuse
 * it. Instead a line says that its sender has a lane; whoever does not know the line passes over it, and whoever knows it adds the section,
 * always the same, before its own engine reads the description.
 */
import { PAYLOAD_TYPE } from './rtp.js'

export const LANE_MID = 'lane'
export const LANE_CODEC = 'voicechat'
export const LANE_LINE = 'a=voicechat-frames:rtp'
const SECTION = [
  `m=audio 9 UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`,
  'c=IN IP4 0.0.0.0',
  `a=mid:${LANE_MID}`,
  'a=sendrecv',
  'a=rtcp-mux',
  `a=rtpmap:${PAYLOAD_TYPE} ${LANE_CODEC}/48000/2`,
]
const END = '\r\n'
/** Of the session; they speak of media that are left out, and a data channel needs none of them. */
const ABOUT_MEDIA = /^a=(group:LS|msid-semantic)/

/** Our own engine's description as the other side is to have it: the line instead of the audio section. */
export function withLaneLine(sdp: string): string {
  const [session = [], ...media] = sections(sdp)
  const bundled = session
    .filter(line => !ABOUT_MEDIA.test(line))
    .map(line => (line.startsWith('a=group:BUNDLE') ? line.replace(` ${LANE_MID}`, '') : line))
  const others = media.filter(([first]) => !first?.startsWith('m=audio '))
  return [...bundled, ...others.flat(), LANE_LINE, ''].join(END)
}

/** Whether the other side has a lane. */
export function hasLaneLine(sdp: string): boolean {
  return lines(sdp).includes(LANE_LINE)
}

/** The other side's description as our own engine is to have it. */
export function withLaneSection(sdp: string): string {
  return [...lines(sdp), ...SECTION, ''].join(END)
}

function lines(sdp: string): string[] {
  return sdp.split(/\r?\n/).filter(line => line !== '')
}

/** That of the session, and one a medium. */
function sections(sdp: string): string[][] {
  const all: string[][] = [[]]
  for (const line of lines(sdp)) {
    if (line.startsWith('m=')) all.push([])
    all.at(-1)?.push(line)
  }
  return all
}
