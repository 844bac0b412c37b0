/** What people read: one sentence for each thing that happens, and what to do where there is something to do. */
import type { EndReason } from '../call/events.js'
import type { CallView } from '../call/view.js'
import { atStart, isNameless } from './peer-name.js'
import { day } from './when.js'

export interface Names {
  readonly own: string
  readonly peer: string
  readonly server: string
}

export type Recorders = Pick<CallView, 'recording' | 'peerRecording'>

/** A sentence for the call's state, or null where nothing needs saying. */
export function stateSentence(view: CallView, { peer, server }: Names): string | null {
  switch (view.state) {
    case 'connecting':
      return `Connecting to ${server} ...`
    case 'waiting':
      return view.reconnecting ? `The server is gone; looking for it ...` : `Waiting for ${peer} ...`
    case 'agreeing':
      return `${atStart(peer)} is there; agreeing on keys ...`
    case 'talking':
      if (view.silent)
        return `${atStart(peer)} is silent: nothing comes from there any more. Waiting up to 30 seconds ...`
      return view.route === null
        ? null
        : `Talking with ${peer} over the ${view.route === 'relay' ? 'relay' : 'direct route'}.`
    case 'ending':
      return 'Hanging up ...'
    case 'ended':
      return null
  }
}

/** Who keeps a recording, as far as it changed; both sides see it. */
export function recordingSentences(before: Recorders, now: Recorders, { peer }: Names): string[] {
  const sentences: string[] = []
  if (now.recording !== before.recording)
    sentences.push(now.recording ? `You are recording this call, and ${peer} is told.` : 'The recording has ended.')
  if (now.peerRecording !== before.peerRecording)
    sentences.push(`${atStart(peer)} ${now.peerRecording ? 'is recording' : 'no longer records'} this call.`)
  return sentences
}

export function verifySentence(view: CallView, { peer }: Names): string {
  if (view.since !== null)
    return `Verified: ${peer} has the key that you know since ${day(view.since)}. Nobody in between can listen.`
  if (view.mode === 'password')
    return `Verified: ${peer} knows the ${isNameless(peer) ? 'words' : 'password'} too. Nobody in between can listen.`
  if (view.verified) return `Verified: you compared the code ${view.code} with ${peer}.`
  return `Not verified yet: read this code to each other, it must be the same on both sides: ${view.code}`
}

/** Why the call ended, and what to do. */
export function endSentence(reason: EndReason, detail: string | null, names: Names): { message: string; hint: string } {
  const { own, peer, server } = names
  switch (reason) {
    case 'hungUp':
      return { message: 'You hung up.', hint: '' }
    case 'peerHungUp':
      return { message: `${atStart(peer)} hung up.`, hint: '' }
    case 'busy':
      return { message: `${atStart(peer)} is in another call.`, hint: 'Try again later.' }
    case 'refused':
      return {
        // The server says itself what to do.
        message: detail ?? 'The server refused without a reason.',
        hint: detail ? '' : `If "${own}" is not yours on this server, choose another --id.`,
      }
    case 'unverified':
      return {
        message: `Not verified: ${detail ?? `${peer} could not confirm the key agreement, or would not. The two passwords differ, or ${peer} knows another key of yours, or someone in between changed it. Nothing was said or played.`}`,
        hint: 'Type the same password on both sides, exactly, or none on both; then call again.',
      }
    case 'vanished':
      return {
        message: `${atStart(peer)} vanished: nothing was heard from there for 30 seconds.`,
        hint: 'Call again with the same command.',
      }
    case 'nobodyCame':
      if (detail)
        return {
          message: `${atStart(peer)} did not come, and the server ${server} cannot be reached: ${detail}.`,
          hint: 'Check the address and that it runs; --wait sets how long to wait.',
        }
      return {
        message: `${atStart(peer)} did not come.`,
        hint: `Make sure that ${peer} uses the same server and wants "${own}"; --wait sets how long to wait.`,
      }
    case 'serverLost':
      return {
        message: `The server ${server} cannot be reached${detail ? `: ${detail}.` : '.'}`,
        hint: 'Check the address and that it runs, or leave --server away to start one here.',
      }
    case 'deviceLost':
      return {
        message: detail ?? 'A sound device went away.',
        hint: 'Plug it in again or choose another with --mic and --speaker.',
      }
    case 'noRoute':
      return {
        message: `There is no way to ${peer} that both sides allow.`,
        hint: 'Leave --route away on both sides: "direct" and "relay" exclude each other, and not every network lets a direct route through.',
      }
  }
}

/** 00:42, or 1:00:42. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`
}
