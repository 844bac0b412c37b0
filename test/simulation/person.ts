/** Someone in the simulated world: a real peer with a virtual machine, and what was seen of it. */
import { type AudioParts, InProcessAudio } from '../../peer/audio/in-process-audio.js'
import type { InspectionSink } from '../../peer/call/inspection.js'
import type { CallView } from '../../peer/call/view.js'
import { nodeAead } from '../../peer/node-aead.js'
import { Peer, type PeerEnd, type PeerOptions } from '../../peer/peer.js'
import type { Connect } from '../../peer/routes/connection.js'
import type { ContactsInMemory } from '../../peer/trust/contacts.js'
import type { Guesses } from '../../peer/trust/guesses.js'
import type { Timer } from '../../protocol/clock.js'
import type { Identity } from '../../protocol/identity.js'
import type { Random } from '../../protocol/random.js'
import type { SealingOptions } from '../../protocol/sealing.js'
import type { Socket } from '../../protocol/socket.js'
import type { Access, Host } from './host.js'
import type { NatKind } from './nat.js'
import { type DeviceParts, type Heard, virtualCodec, virtualMicrophone, virtualSpeaker } from './virtual-sound.js'

/** How often the program looks at its addresses (peer/node-addresses.ts), ms. */
const NOTICED_WITHIN_MS = 1_000

export interface PersonSetting {
  /** 20 ms each way and nothing wrong unless said otherwise. */
  readonly access?: Access
  /** `ordinary` unless given. */
  readonly nat?: NatKind
  /** How much faster the sound devices' clocks are than the machine's, in millionths. */
  readonly driftPpm?: number | { readonly microphone: number; readonly speaker: number }
  /** A codec and devices of one's own, in place of the virtual ones; then nothing is told by `onHeard`, and `driftPpm` is theirs. */
  readonly sound?: (parts: DeviceParts) => Pick<AudioParts, 'codec' | 'microphone' | 'speaker'>
  /** False: this machine has no engine for direct connections. */
  readonly direct?: boolean
  /** The same person, by another program; on a machine of its own. */
  readonly identityOf?: Pick<Person, 'identity' | 'contacts' | 'guesses'>
  /** Someone whom this one verified earlier, with the key of then. */
  readonly knows?: { readonly id: string; readonly key: Uint8Array }
  readonly inspect?: InspectionSink
  /** False: frames go past SCTP, as between two native engines, and it holds none of them back. */
  readonly stalls?: boolean
  /** Which of the servers this one names; the first unless given. */
  readonly at?: number
}

export interface PersonParts {
  readonly host: Host
  /** Of this one, by which its frames are known. */
  readonly number: number
  readonly identity: Identity
  readonly contacts: ContactsInMemory
  readonly guesses: Guesses
  readonly random: Random
  readonly dial: (url?: string) => Socket
  /** Of the server that this one names. */
  readonly origin: string
  readonly connect: Connect | null
  readonly sealing: SealingOptions
  /** Breaks this one's connections to the server, or lets them go dead. */
  readonly cut: () => void
  readonly strand: () => void
  /** Promises are about to settle. */
  readonly settles: () => void
}

export class Person {
  readonly peer: Peer
  readonly audio: InProcessAudio
  readonly host: Host
  readonly identity: Identity
  /** Kept from program to program, as on a disk. */
  readonly contacts: ContactsInMemory
  readonly guesses: Guesses
  /** Which number this one's frames carry (Heard.from). */
  readonly number: number
  readonly heard: Heard[] = []
  /** What was shown, each time that it changed. */
  readonly views: CallView[] = []
  readonly problems: string[] = []
  /** Gets what is decoded or made up, as it happens. */
  onHeard: ((heard: Heard) => void)[] = []
  end: PeerEnd | null = null
  /** The program failed as none should, with this. */
  failure: unknown = null
  /** Cuts this one's connections to the server; both ends are told. */
  readonly cut: () => void
  /** This one's connections of now go dead and nobody is told; new ones work. */
  readonly strand: () => void
  readonly #random: Random
  #notice: Timer | undefined

  constructor(options: PeerOptions, password: string | null, setting: PersonSetting, parts: PersonParts) {
    const { host, number, identity, contacts, guesses, random, dial, origin, connect, sealing, settles } = parts
    const { clock } = host
    this.host = host
    this.number = number
    this.identity = identity
    this.contacts = contacts
    this.guesses = guesses
    this.#random = random
    this.cut = parts.cut
    this.strand = parts.strand
    const { driftPpm = 0 } = setting
    const drift = typeof driftPpm === 'number' ? { microphone: driftPpm, speaker: driftPpm } : driftPpm
    const sound = setting.sound?.({ clock, settles }) ?? {
      codec: virtualCodec(clock, number, heard => this.#hear(heard)),
      microphone: virtualMicrophone({ clock, driftPpm: drift.microphone, settles }),
      speaker: virtualSpeaker({ clock, driftPpm: drift.speaker, settles }),
    }
    const audio = new InProcessAudio({ clock, ...sound })
    this.audio = audio
    this.peer = new Peer(
      {
        clock,
        random,
        dial,
        origin,
        identity,
        contacts,
        guesses,
        password,
        audio,
        connect,
        sealing: { ...sealing, aead: nodeAead },
      },
      options,
      {
        changed: view => this.#see(view),
        problem: problem => this.problems.push(problem.name),
        ...(setting.inspect ? { inspect: setting.inspect } : {}),
      },
    )
    this.peer.ended.then(
      end => {
        clock.clearTimeout(this.#notice)
        this.end = end
      },
      error => {
        this.failure = error
      },
    )
  }

  /** A new address: connections go dead without a word, NAT mappings are gone. The program notices within a second. */
  move(): void {
    this.host.move()
    this.#noticeSoon()
  }

  /** The process is stopped, and goes on. */
  stop(): void {
    this.host.stop()
  }

  go(): void {
    this.host.go()
  }

  /** The laptop is closed, and opened. */
  sleep(): void {
    this.host.sleep()
  }

  wake(): void {
    this.host.wake()
    this.#noticeSoon()
  }

  /** The process is killed. `end` stays null. */
  kill(): void {
    this.host.kill()
  }

  #noticeSoon(): void {
    const { clock } = this.host
    clock.clearTimeout(this.#notice)
    if (this.end) return
    const late = ((this.#random(1)[0] ?? 0) / 255) * NOTICED_WITHIN_MS
    this.#notice = clock.setTimeout(() => this.peer.addressChanged(), late)
  }

  #hear(heard: Heard): void {
    this.heard.push(heard)
    for (const listener of this.onHeard) listener(heard)
  }

  #see(view: CallView): void {
    const last = this.views.at(-1)
    if (!last || !sameView(last, view)) this.views.push(view)
  }
}

function sameView(a: CallView, b: CallView): boolean {
  for (const field in b) if (a[field as keyof CallView] !== b[field as keyof CallView]) return false
  return true
}

/** The longest time in which nothing of the other side was decoded, between the first and the last frame heard, ms. */
export function longestGap(heard: readonly Heard[]): number {
  let longest = 0
  let last: number | null = null
  for (const { at, frame } of heard) {
    if (frame === null) continue
    if (last !== null) longest = Math.max(longest, at - last - 20)
    last = at
  }
  return longest
}
