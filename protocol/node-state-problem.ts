/**
 * `damagedState`: not what was written there. `unusableState`: no permission, disk full and the like. `lockedState`: another
 * program holds the lock.
 */
export type StateProblemName =
  // One a line.
  'damagedState' | 'unusableState' | 'lockedState'

/** Why state can't be read or written: a name for programs, a sentence and a hint for people. */
export class StateProblem extends Error {
  override readonly name: StateProblemName
  readonly hint: string

  constructor(name: StateProblemName, message: string, hint: string) {
    super(message)
    this.name = name
    this.hint = hint
  }
}
