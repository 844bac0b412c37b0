import type { FromServer } from '../../../protocol/signaling.js'
import type { Socket } from '../../../protocol/socket.js'

/** A socket of which the test is the other end. */
export class FakeSocket implements Socket {
  /** What was to be followed by something, by its type. */
  readonly chased: string[] = []
  onMessage: (data: string | Uint8Array) => void = () => {}
  onClose: (code: number, reason: string) => void = () => {}
  readonly sent: (string | Uint8Array)[] = []
  /** How the owner ended it. */
  ended: 'closed' | 'terminated' | null = null

  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? data : data.slice())
  }

  chase(): void {
    const last = this.sent.at(-1)
    this.chased.push(typeof last === 'string' ? JSON.parse(last).type : 'bytes')
  }

  close(): void {
    this.ended ??= 'closed'
  }

  terminate(): void {
    this.ended ??= 'terminated'
  }

  say(message: FromServer | Record<string, unknown>): void {
    this.onMessage(JSON.stringify(message))
  }

  /** What was sent as text, parsed, since the last time this was asked. */
  takeTexts(): Record<string, unknown>[] {
    return this.sent.splice(0).flatMap(data => (typeof data === 'string' ? [JSON.parse(data)] : []))
  }

  /** What was sent as bytes, since the last time this was asked. */
  takeBytes(): Uint8Array[] {
    return this.sent.splice(0).flatMap(data => (typeof data === 'string' ? [] : [data]))
  }
}
