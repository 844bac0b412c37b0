/** The peer, for programs that make calls themselves: the parts of voicechat-peer, to be put together as they like. */
export {
  type Audio,
  AudioProblem,
  type AudioProblemName,
  type AudioStarted,
  type AudioStats,
  type DeviceChange,
  type DeviceKind,
} from './audio/audio.js'
export { type Backend, backends } from './audio/backend.js'
export {
  chooseDevices,
  type DeviceChoice,
  type MicrophoneChoice,
  parseMicrophone,
  parseSpeaker,
  type SpeakerChoice,
} from './audio/choose.js'
export type { Codec, Decoder, Encoder } from './audio/codec.js'
export type { Microphone, Pull, Speaker } from './audio/devices/device.js'
export { FileMicrophone } from './audio/devices/file-microphone.js'
export { FileSpeaker } from './audio/devices/file-speaker.js'
export { NoMicrophone, NoSpeaker } from './audio/devices/none.js'
export { ToneMicrophone } from './audio/devices/tone.js'
export type { EchoCanceller } from './audio/echo-canceller.js'
export { type AudioParts, type CallListener, InProcessAudio } from './audio/in-process-audio.js'
export { createOpusCodec, type OpusOptions } from './audio/opus.js'
export { loadOpus } from './audio/opus-file.js'
export { Ring } from './audio/ring.js'
export { loadSpeechProcessor, type SpeechChoice } from './audio/speech/load-speech-processor.js'
export type { VoiceProcessor } from './audio/voice-processor.js'
export { loadWebrtcCanceller } from './audio/webrtc-canceller.js'
export { createWorkerAudio } from './audio/worker-audio.js'
export type { RecordingChoice, SoundChoice } from './audio/worker-messages.js'
export type { Distrust, EndReason, RouteKind, UserEvent } from './call/events.js'
export type { CallState, CallView, VerifiedHow } from './call/view.js'
export { nodeAead } from './node-aead.js'
export { NodeClock } from './node-clock.js'
export { Peer, type PeerEnd, type PeerEvents, type PeerOptions, type PeerParts } from './peer.js'
export type { Route } from './routes/route.js'
export type { SessionFigures } from './session/session.js'
export { dialWebSocket } from './signaling/websocket.js'
export type { JsonEvent } from './terminal/json-output.js'
export type { CallStats } from './terminal/stats.js'
export { ContactFile } from './trust/contact-file.js'
export { type Contact, type Contacts, ContactsInMemory } from './trust/contacts.js'
export { GuessFile } from './trust/guess-file.js'
export { CountedGuesses, type Guesses, type GuessKind, guessesInMemory, type Permit } from './trust/guesses.js'
