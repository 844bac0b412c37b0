import type { DeviceChange } from '../audio/audio.js'

/** What people read when a device goes or comes back in mid-call. */
export function deviceSentence(change: DeviceChange): string {
  const { device, label } = change
  switch (change.change) {
    case 'lost': {
      const { name: problem, message, hint } = change.problem
      const meanwhile = device === 'microphone' ? 'they hear nothing of you' : 'you hear nothing'
      const until = problem === 'deviceLost' ? ` until it is back. ${hint}` : ' from now on.'
      return `${message} The call goes on, but ${meanwhile}${until}`
    }
    case 'back':
      return `The ${device} is back: ${label}.`
    case 'moved':
      return `The ${device} is ${label} now, as the sound system was told.`
  }
}
