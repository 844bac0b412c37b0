import { crc32 } from 'node:zlib'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** The sample request and responses of RFC 5769, sections 2.1 to 2.3. */
export const sampleRequest = hex(
  '00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff' +
    '80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020' +
    '00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004 e57a3bcf',
)
export const sampleIPv4Response = hex(
  '0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643' +
    '00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96',
)
export const sampleIPv6Response = hex(
  '01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220' +
    '00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9' +
    '00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c',
)

/** The bytes of a message's first attribute of this type, with its head. */
export function attribute(message: Uint8Array, type: number): Uint8Array | null {
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  for (let at = 20; at + 4 <= message.length; ) {
    const end = at + 4 + Math.ceil(view.getUint16(at + 2) / 4) * 4
    if (view.getUint16(at) === type) return message.slice(at, end)
    at = end
  }
  return null
}

/** A Binding request of the sample's transaction id with these attributes, each a type and a value of whole words. */
export function bindingRequest(...attributes: [type: number, value: string][]): Uint8Array {
  const body = Buffer.concat(
    attributes.map(([type, value]) => {
      const bytes = Buffer.from(value, 'hex')
      return Buffer.concat([Buffer.of(type >> 8, type & 255, bytes.length >> 8, bytes.length & 255), bytes])
    }),
  )
  const head = Buffer.from(sampleRequest.subarray(0, 20))
  head.writeUInt16BE(body.length, 2)
  return new Uint8Array(Buffer.concat([head, body]))
}

/** The same with a FINGERPRINT at its end. */
export function withFingerprint(message: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([message, Buffer.from('8028000400000000', 'hex')])
  bytes.writeUInt16BE(bytes.length - 20, 2)
  bytes.writeUInt32BE((crc32(bytes.subarray(0, -8)) ^ 0x5354554e) >>> 0, bytes.length - 4)
  return new Uint8Array(bytes)
}
