/** DTLS 1.2 records in a datagram (RFC 6347, section 4.1); the kinds are those of RFC 5246, section 6.2.1. */

export interface DtlsRecord {
  readonly kind: 'changeCipherSpec' | 'alert' | 'handshake' | 'data'
  /** Of what is inside, with its tag and nonce, bytes. */
  readonly size: number
}

const KINDS: Readonly<Record<number, DtlsRecord['kind']>> = {
  20: 'changeCipherSpec',
  21: 'alert',
  22: 'handshake',
  23: 'data',
}
const HEADER_BYTES = 13

/** None where it is no DTLS, or not whole. */
export function dtlsRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = []
  for (let at = 0; at < datagram.length; ) {
    const kind = KINDS[datagram[at]!]
    if (!kind || at + HEADER_BYTES > datagram.length || datagram[at + 1] !== 254) return []
    const size = datagram.readUInt16BE(at + 11)
    at += HEADER_BYTES + size
    if (at > datagram.length) return []
    records.push({ kind, size })
  }
  return records
}
