/** Something that the fuzzer was made to find. */
export interface Finding {
  /**
   * `throws`: the code or the target threw. `hangs`: it went on and on, and was stopped. `slow`: it takes a hundred times as long as inputs
   * of its length. `memory`: it took all that a thread may have. `grows`: after many inputs more is kept than before them.
   */
  readonly kind: 'throws' | 'hangs' | 'slow' | 'memory' | 'grows'
  readonly words: string
  /** As small as it was made; null where it is not one input's doing. */
  readonly input: Uint8Array | null
}

/** What was thrown, in words that hold no path of this machine: the message, and the places in our code that it came through. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`
  const places = placesOf(error).slice(0, 4)
  return `${error.name}: ${error.message.slice(0, 300)}${places.length > 0 ? ` (${places.join(' < ')})` : ''}`
}

/** The same for what is most likely the same mistake: where it was thrown, and of what the target says also which. */
export function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no error'
  return `${error.name} ${error.name === 'Broken' ? error.message : ''} ${placesOf(error)[0] ?? ''}`
}

/** Compiled, or in the source where Node was asked to map them. */
function placesOf({ stack = '' }: Error): string[] {
  return [...stack.matchAll(/\/(?:dist\/)?((?:protocol|signaling|peer|test\/fuzz)\/[^\s()]+)/g)].map(
    ([, place]) => place!,
  )
}
