/** What runs in the browser: it has RTCPeerConnections and does with them what it is told, over the WebSocket that it opens. */
import type { Signal } from '../../peer/routes/connection.js'

export type Command = { readonly id: number } & (
  | { readonly does: 'start'; readonly initiator: boolean; readonly servers: readonly BrowserServer[] }
  | { readonly does: 'describe'; readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly does: 'candidate'; readonly candidate: string; readonly mid: string }
  | { readonly does: 'send'; readonly base64: string }
  | { readonly does: 'close' }
)

export interface BrowserServer {
  readonly urls: string
  readonly username?: string
  readonly credential?: string
}

/** `text`: of a message its bytes in base64, of `failed` why. */
export interface Report {
  readonly id: number
  readonly tells: Signal['kind'] | 'open' | 'message' | 'failed'
  readonly text: string
}

/**
 * JavaScript for a browser, hence a string. What is done to one connection is done in order. Closing waits a moment between the channel
 * and the rest, or the other side would not be told.
 */
export const PAGE = `<!doctype html><meta charset="utf-8"><title>VoiceChat</title><script>
'use strict'
const socket = new WebSocket('ws://' + location.host)
const connections = new Map()

class PageConnection {
  constructor(tell, { initiator, servers }) {
    this.tell = tell
    this.last = Promise.resolve()
    this.pc = new RTCPeerConnection({ iceServers: servers })
    this.channel = this.pc.createDataChannel('voice', { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 })
    this.channel.binaryType = 'arraybuffer'
    this.channel.onopen = () => tell('open')
    this.channel.onclose = () => tell('failed', 'the other side has closed it')
    this.channel.onmessage = ({ data }) => {
      if (typeof data !== 'string') tell('message', btoa(String.fromCharCode(...new Uint8Array(data))))
    }
    this.pc.onicecandidate = ({ candidate }) => {
      if (candidate && candidate.candidate) tell('candidate', candidate.candidate)
    }
    this.pc.onconnectionstatechange = () => {
      if (this.pc.connectionState === 'failed') tell('failed', 'the connection has failed')
    }
    if (initiator) this.then(() => this.describe('offer'))
  }

  then(run) {
    this.last = this.last.then(run).catch(error => this.tell('failed', String(error)))
  }

  async describe(type) {
    const description = await (type === 'offer' ? this.pc.createOffer() : this.pc.createAnswer())
    await this.pc.setLocalDescription(description)
    this.tell(type, description.sdp)
  }

  take(command) {
    const { pc, channel } = this
    if (command.does === 'describe') {
      this.then(async () => {
        await pc.setRemoteDescription({ type: command.type, sdp: command.sdp })
        if (command.type === 'offer') await this.describe('answer')
      })
    } else if (command.does === 'candidate') {
      this.then(() => pc.addIceCandidate({ candidate: command.candidate, sdpMid: command.mid }).catch(() => {}))
    } else if (command.does === 'send') {
      if (channel.readyState === 'open') channel.send(Uint8Array.from(atob(command.base64), c => c.charCodeAt(0)))
    } else if (command.does === 'close') {
      channel.close()
      setTimeout(() => {
        pc.close()
        // A page may have 500, and those that are closed count until their memory is collected.
        if (command.id % 50 === 0) setTimeout(globalThis.gc, 0)
      }, 50)
    }
  }
}

socket.onmessage = ({ data }) => {
  const command = JSON.parse(data)
  const { id } = command
  const tell = (tells, text = '') => connections.has(id) && socket.send(JSON.stringify({ id, tells, text }))
  try {
    if (command.does === 'start') connections.set(id, null).set(id, new PageConnection(tell, command))
    else connections.get(id)?.take(command)
  } catch (error) {
    tell('failed', String(error))
  }
  if (command.does === 'close') connections.delete(id)
}
</script>`
