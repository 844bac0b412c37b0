/** The little that has to be known of an engine's description of itself (SDP, RFC 8866). */

/** What the description says of its sender's certificate (RFC 8122, section 5), as `sha-256 AB:CD:..`; null if there is nothing. */
export function fingerprintIn(sdp: string): string | null {
  const [, algorithm, value] = /^a=fingerprint:(\S+) ([0-9A-Fa-f:]+)\s*$/m.exec(sdp) ?? []
  return algorithm && value ? fingerprint(algorithm, value) : null
}

/** In the one form in which two can be compared. */
export function fingerprint(algorithm: string, value: string): string {
  return `${algorithm.toLowerCase()} ${value.toUpperCase()}`
}

/** The name of its only media section, which candidates refer to. */
export function midIn(sdp: string): string {
  return /^a=mid:(\S+)\s*$/m.exec(sdp)?.[1] ?? '0'
}

/**
 * Makes the offerer DTLS's client. Where that is left open the answerer is, and werift as the offerer loses what comes before it listens,
 * and waits a second for more (measured in one network, answered by libdatachannel: 20 of 20; with this 0 of 40).
 */
export function offerAsClient(sdp: string): string {
  return sdp.replace(/^a=setup:actpass/m, 'a=setup:active')
}

/** Whether it is an address that its sender has itself, not one that a NAT or a server gave it. */
export function isHost(candidate: string): boolean {
  return / typ host( |$)/i.test(candidate)
}

/** A candidate without the `a=` that some engines put before it. */
export function bareCandidate(text: string): string {
  return text.replace(/^a=/, '')
}

/**
 * Whether an engine can make sense of it (RFC 8839, section 5.1). Names (mDNS) are as good as addresses; TCP is not for voice. One line of
 * printable ASCII: what stood behind it would be another line of the engine's description.
 */
export function isCandidate(text: string): boolean {
  return /^candidate:[!-~]{1,64} 1 udp \d{1,10} [\w.:%-]{1,255} \d{1,5} typ (host|srflx|prflx|relay)( [ -~]*)?$/i.test(
    text,
  )
}
