/** A source of `length` random bytes: the system's in the programs, a seeded one in the simulated world. */
export type Random = (length: number) => Uint8Array
