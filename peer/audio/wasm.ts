/** The one function used of it; the compiler's library for browsers would bring in all else of theirs. */
declare const WebAssembly: {
  instantiate(wasm: Uint8Array<ArrayBuffer>, imports: object): Promise<{ instance: { exports: object } }>
}

/** What a module exports, with what it wants from outside. Rejects where these bytes are no module, or not for this machine. */
export async function exportsOf(wasm: Uint8Array<ArrayBuffer>, imports: object): Promise<object> {
  return (await WebAssembly.instantiate(wasm, imports)).instance.exports
}
