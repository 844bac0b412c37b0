/** Websocket frames at the server, from anybody. */
import { isDeepStrictEqual } from 'node:util'
import { FrameReader } from '../../../signaling/frame-reader.js'
import { Choices } from '../choices.js'
import { holds, type Target } from '../target.js'

const limits = { messageBytes: 200, fragments: 4 }

/** Frames with a mask of zeros: a payload is what it looks like. */
const masked = (first: number, ...payload: number[]) => [first, 0x80 | payload.length, 0, 0, 0, 0, ...payload]

export const target: Target = {
  files: ['signaling/frame-reader.js'],
  maxBytes: 600,
  samples: [
    [3, ...masked(0x81, 104, 105), ...masked(0x82, 1, 2, 3)],
    [1, ...masked(0x01, 97), ...masked(0x89, 1), ...masked(0x00, 98), ...masked(0x8a), ...masked(0x80, 99)],
    [9, ...masked(0x88, 3, 232, 98), ...masked(0x81, 97)],
    [2, 0x82, 0xfe, 0, 3, 1, 2, 3, 4, 9, 9, 9],
    [2, 0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 9],
  ].map(bytes => Uint8Array.from(bytes)),
  run(input) {
    const choices = new Choices(input)
    const step = 1 + choices.below(16)
    const bytes = Buffer.from(input.subarray(1))
    const whole = read([bytes])
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; at += step) pieces.push(Buffer.from(bytes.subarray(at, at + step)))
    holds(isDeepStrictEqual(read(pieces), whole), 'reads the same, wherever the bytes are cut')
    return [...new Set(whole.map(word => word.split(' ', 1)[0]!))].sort().join(' ')
  },
}

function read(pieces: readonly Buffer[]): string[] {
  const heard: string[] = []
  let over = false
  const say = (what: string) => {
    holds(!over, 'nothing comes after the end')
    heard.push(what)
  }
  const reader = new FrameReader(
    {
      message: data => {
        holds(data.length <= limits.messageBytes, 'no message is longer than it may be')
        say(typeof data === 'string' ? `text ${data}` : `binary ${Buffer.from(data).toString('hex')}`)
      },
      pinged: data => {
        holds(data.length <= 125, 'a ping has 125 bytes at most')
        say('ping')
      },
      ponged: () => say('pong'),
      closing: (code, reason) => {
        holds(code >= 1000 && code < 5000 && reason.length <= 123, 'a close says what it may say')
        say(`closing ${code}`)
        over = true
      },
    },
    limits,
  )
  // The reader unmasks in place: each reading has bytes of its own.
  for (const piece of pieces) {
    const problem = reader.read(Buffer.from(piece))
    if (!problem) continue
    say(problem.name)
    over = true
  }
  return heard
}
