/** A named error: `name` is for programs and never changes, `message` is one sentence for people. */
export interface Problem<N extends string = string> {
  readonly name: N
  readonly message: string
}

/** What a parser returns: a value or a named error. Parsers of outside bytes never throw. */
export type Result<T, N extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Problem<N> }

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function fail<N extends string>(name: N, message: string): { readonly ok: false; readonly error: Problem<N> } {
  return { ok: false, error: { name, message } }
}
