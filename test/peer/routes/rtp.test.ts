import t from 'tap'
import { RtpStream, rtpPayload } from '../../../peer/routes/rtp.js'

/** Packets of one side. */
function packer() {
  const stream = new RtpStream()
  return (payload: Uint8Array) => Buffer.from(stream.pack(payload))
}

const frame = Uint8Array.from({ length: 120 }, (_, i) => i)

t.test('gives back what was packed', async t => {
  const pack = packer()
  for (const payload of [frame, new Uint8Array(0), Uint8Array.of(1)])
    t.same([...(rtpPayload(pack(payload)) ?? [])], [...payload])
})

t.test('counts by one packet and one frame of time, beyond the last number, and changes nothing else', async t => {
  const pack = packer()
  let before = pack(frame)
  t.ok(before.readUInt16BE(2) < 0x8000, 'begins in the lower half')
  let [packets, times] = [0, 0]
  for (let n = 1; n < 70_000; n++) {
    const packet = pack(n % 3 ? frame : new Uint8Array(n % 50))
    if (packet.readUInt16BE(2) === ((before.readUInt16BE(2) + 1) & 0xffff)) packets++
    if (packet.readUInt32BE(4) === (before.readUInt32BE(4) + 960) % 2 ** 32) times++
    if (packet.compare(before, 8, 12, 8, 12) || packet.compare(before, 0, 2, 0, 2)) return void t.fail(`at ${n}`)
    before = packet
  }
  t.same([packets, times], [69_999, 69_999])
})

t.test('begins elsewhere each time', async t => {
  const first = [...Array(4)].map(() => packer()(frame).subarray(4, 12).toString('hex'))
  t.equal(new Set(first).size, first.length)
})

t.test('takes nothing else for a packet of ours', async t => {
  const packet = packer()(frame)
  const changed = (at: number, value: number) => {
    const copy = Buffer.from(packet)
    copy[at] = value
    return copy
  }
  const bad: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['less than a header', packet.subarray(0, 11)],
    ['another version', changed(0, 0x40)],
    ['padding', changed(0, 0xa0)],
    ['an extension', changed(0, 0x90)],
    ['contributing sources', changed(0, 0x8f)],
    ['another payload type', changed(1, 111)],
    ['a marker', changed(1, 107 | 0x80)],
    ['RTCP', changed(1, 200)],
  ]
  for (const [name, bytes] of bad) t.equal(rtpPayload(bytes), null, name)
  t.equal(rtpPayload(packet.subarray(0, 12))?.length, 0, 'a header alone')
})
