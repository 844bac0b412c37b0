import fc from 'fast-check'
import t from 'tap'
import { type FrameProblem, FrameReader } from '../../signaling/frame-reader.js'

const limits = { messageBytes: 1000, fragments: 4 }

/** One frame as a client sends it. `lengthField`: 126 or 127 where a length is written longer than it need be. */
function frame(first: number, payload: Uint8Array | string, lengthField = 0, mask = Buffer.from([9, 8, 7, 6])): Buffer {
  const data = Buffer.from(payload)
  const field = lengthField || (data.length < 126 ? data.length : 126)
  const length = Buffer.alloc(field < 126 ? 0 : field === 126 ? 2 : 8)
  if (length.length > 0) length.writeUIntBE(data.length, length.length === 2 ? 0 : 2, length.length === 2 ? 2 : 6)
  const masked = data.map((byte, n) => byte ^ mask[n % 4]!)
  return Buffer.concat([Buffer.from([first, 0x80 | field]), length, mask, masked])
}

/** What a reader makes of these bytes, cut where it is said; its words in order. */
function read(bytes: Buffer, cuts: readonly number[] = []): { heard: string[]; problem: FrameProblem | null } {
  const heard: string[] = []
  const reader = new FrameReader(
    {
      message: data =>
        heard.push(typeof data === 'string' ? `text ${data}` : `binary ${Buffer.from(data).toString('hex')}`),
      pinged: data => heard.push(`ping ${Buffer.from(data).toString('hex')}`),
      ponged: () => heard.push('pong'),
      closing: (code, reason) => heard.push(`closing ${code} ${reason}`),
    },
    limits,
  )
  let problem: FrameProblem | null = null
  const ends = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const end of [...ends, bytes.length]) {
    problem ??= reader.read(Buffer.from(bytes.subarray(from, end)))
    from = end
  }
  return { heard, problem }
}

t.test('reads messages, whole and in fragments, with control frames in between', async t => {
  const bytes = Buffer.concat([
    frame(0x81, 'hello'),
    frame(0x82, Uint8Array.of(1, 2, 3)),
    frame(0x01, 'be'),
    frame(0x89, 'p'),
    frame(0x00, 'gi'),
    frame(0x8a, ''),
    frame(0x80, 'n'),
    frame(0x82, new Uint8Array(200)),
    frame(0x81, 'long', 126),
    frame(0x81, 'longer', 127),
    frame(0x81, ''),
    frame(0x88, Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from('bye')])),
    frame(0x81, 'not heard'),
  ])
  const { heard, problem } = read(bytes)
  t.equal(problem, null)
  t.same(heard, [
    'text hello',
    'binary 010203',
    'ping 70',
    'pong',
    'text begin',
    `binary ${'00'.repeat(200)}`,
    'text long',
    'text longer',
    'text ',
    'closing 1000 bye',
  ])
  t.same(read(frame(0x88, '')).heard, ['closing 1005 '])
})

const bad: readonly (readonly [what: string, bytes: Buffer, name: FrameProblem['name'], code: number])[] = [
  ['a frame that is not masked', Buffer.from([0x81, 0x01, 0x61]), 'badFrame', 1002],
  ...[0xc1, 0xa1, 0x91].map(
    first => [`reserved bits: ${first.toString(16)}`, frame(first, 'x'), 'badFrame', 1002] as const,
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    opcode => [`opcode ${opcode}`, frame(0x80 | opcode, 'x'), 'badFrame', 1002] as const,
  ),
  ['a continuation of nothing', frame(0x80, 'x'), 'badFrame', 1002],
  ['a message within another', Buffer.concat([frame(0x01, 'a'), frame(0x81, 'b')]), 'badFrame', 1002],
  ['a ping in fragments', frame(0x09, 'x'), 'badFrame', 1002],
  ['a ping of 126 bytes', frame(0x89, new Uint8Array(126)), 'badFrame', 1002],
  ['a close of one byte', frame(0x88, 'x'), 'badFrame', 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map(
    code => [`a close with ${code}`, frame(0x88, Buffer.from([code >> 8, code & 255])), 'badFrame', 1002] as const,
  ),
  ['a close whose reason is no UTF-8', frame(0x88, Buffer.from([0x03, 0xe8, 0xff])), 'notUtf8', 1007],
  ['text that is no UTF-8', frame(0x81, Buffer.from([0xc3])), 'notUtf8', 1007],
  [
    'text that is no UTF-8, in fragments',
    Buffer.concat([frame(0x01, Buffer.from([0xc3])), frame(0x80, 'a')]),
    'notUtf8',
    1007,
  ],
  ['a message too long', frame(0x82, new Uint8Array(1001)), 'tooLongMessage', 1009],
  ['the head alone of a message too long', frame(0x82, new Uint8Array(1001)).subarray(0, 4), 'tooLongMessage', 1009],
  [
    'the head alone of a message of 2^56 bytes',
    Buffer.from([0x82, 0xff, 1, 0, 0, 0, 0, 0, 0, 0]),
    'tooLongMessage',
    1009,
  ],
  [
    'fragments that are too long together',
    Buffer.concat([frame(0x02, new Uint8Array(600)), frame(0x80, new Uint8Array(401))]),
    'tooLongMessage',
    1009,
  ],
  [
    'too many fragments',
    Buffer.concat([frame(0x02, ''), ...Array.from({ length: 4 }, () => frame(0, ''))]),
    'tooManyFragments',
    1008,
  ],
]

t.test('ends on what the RFC forbids, and on what is too much, wherever the bytes are cut', async t => {
  for (const [what, bytes, name, code] of bad) {
    const whole = read(Buffer.concat([bytes, frame(0x81, 'after')]))
    t.same({ heard: whole.heard, problem: whole.problem }, { heard: [], problem: { name, code } }, what)
    const cut = read(
      bytes,
      Array.from(bytes, (_, n) => n),
    )
    t.same(cut, { heard: [], problem: { name, code } }, `${what}, byte by byte`)
  }
})

t.test('takes what is just allowed', async t => {
  t.equal(read(frame(0x82, new Uint8Array(1000))).problem, null)
  t.equal(read(frame(0x89, new Uint8Array(125))).problem, null)
  t.same(read(Buffer.concat([frame(0x02, 'a'), frame(0, 'b'), frame(0, 'c'), frame(0x80, 'd')])).heard, [
    'binary 61626364',
  ])
  for (const code of [1000, 1003, 1007, 1014, 3000, 4999])
    t.same(read(frame(0x88, Buffer.from([code >> 8, code & 255]))).heard, [`closing ${code} `])
})

t.test('reads any bytes alike, wherever they are cut', async t => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a),
          fc.oneof(
            fc.uint8Array({ maxLength: 8 }),
            fc.string({ maxLength: 130 }).map(text => Buffer.from(text)),
          ),
          fc.constantFrom(0, 0, 126, 127),
          fc.uint8Array({ minLength: 4, maxLength: 4 }),
        ),
        { maxLength: 8 },
      )
      .map(frames =>
        Buffer.concat(frames.map(([first, data, field, mask]) => frame(first, data, field, Buffer.from(mask)))),
      ),
  )
  const property = fc.property(bytes, fc.array(fc.nat(), { maxLength: 12 }), (all, cuts) => {
    t.same(read(Buffer.from(all), cuts), read(Buffer.from(all)))
  })
  fc.assert(property, { numRuns: 500 })
})
