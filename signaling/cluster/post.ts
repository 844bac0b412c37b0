import type { Bus, BusAnswer } from './bus.js'
import { type BusMessage, encodeBusMessage } from './bus-message.js'
import { type BusVoice, encodeBusVoice } from './bus-voice.js'
import { mailboxOf, serverMailbox, voiceOf } from './subjects.js'

/** Carries messages to the mailboxes of ids and servers. */
export class Post {
  /** `self`: this server. */
  constructor(
    readonly bus: Bus,
    readonly self: string,
  ) {}

  /** To a server. */
  send(server: string, message: BusMessage): void {
    this.bus.publish(serverMailbox(server), encodeBusMessage(message))
  }

  /** To the server that holds the socket of an id, if there is one. */
  mail(id: string, message: BusMessage): void {
    this.bus.publish(mailboxOf(id), encodeBusMessage(message))
  }

  voice(server: string, voice: BusVoice): void {
    this.bus.publish(voiceOf(server), encodeBusVoice(voice))
  }

  askServer(server: string, message: BusMessage, timeoutMs: number): Promise<BusAnswer> {
    return this.bus.request(serverMailbox(server), encodeBusMessage(message), timeoutMs)
  }

  askId(id: string, message: BusMessage, timeoutMs: number): Promise<BusAnswer> {
    return this.bus.request(mailboxOf(id), encodeBusMessage(message), timeoutMs)
  }
}
