/** The part of node-web-audio-api that is used here; its own types want a browser's. */
export interface WebAudio {
  readonly AudioContext: new (options: {
    sampleRate: number
    latencyHint: number | 'playback'
    sinkId?: string | { type: 'none' }
  }) => AudioContext
  readonly mediaDevices: {
    enumerateDevices(): Promise<MediaDevice[]>
    getUserMedia(wish: { audio: { deviceId?: string; sampleRate: number } }): Promise<object>
  }
}

export interface MediaDevice {
  readonly deviceId: string
  readonly label: string
  readonly kind: 'audioinput' | 'audiooutput' | 'videoinput'
}

interface AudioNode {
  connect(to: AudioNode): void
}

export interface AudioContext {
  /** Seconds; undefined or 0 where it is not known. */
  readonly outputLatency?: number
  readonly destination: AudioNode
  createMediaStreamSource(stream: object): AudioNode
  createScriptProcessor(frames: number, inputs: number, outputs: number): ScriptProcessor
}

interface ScriptProcessor extends AudioNode {
  onaudioprocess: ((event: { inputBuffer: AudioBuffer; outputBuffer: AudioBuffer }) => void) | null
}

interface AudioBuffer {
  copyFromChannel(to: Float32Array, channel: number): void
  copyToChannel(from: Float32Array, channel: number): void
}

/** Rejects where it is not installed or does not load on this machine. */
export async function loadWebAudio(): Promise<WebAudio> {
  // Not among the dependencies, so that the compiler must not look for it.
  const name: string = 'node-web-audio-api'
  return (await import(name)) as WebAudio
}
