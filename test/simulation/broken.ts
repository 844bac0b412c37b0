/** Breaks production code on purpose, for a while: what a test of a test needs. */

/** What takes a method's place: gets the original, for the same object, and the arguments. */
type Change<M> = M extends (...args: infer Args) => infer Result
  ? (original: (...args: Args) => Result, ...args: Args) => Result
  : never

/** Puts something else in the place of a method. Returns how to undo it. */
export function patch<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  change: Change<Owner[Name]>,
): () => void {
  const original = owner[name]
  if (typeof original !== 'function') throw new TypeError(`${String(name)} is no method`)
  const changed = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(change, undefined, [original.bind(this), ...args])
  }
  Object.assign(owner, { [name]: changed })
  return () => void Object.assign(owner, { [name]: original })
}
