/** Where the servers of a cluster keep whose id is whose: NATS (nats-names.ts), or whatever a test puts in its place. */

/** `unreachable`: the store does not answer. */
export type ClusterClaim = 'ours' | 'taken' | 'unreachable'

export interface NameStore {
  /**
   * Claims an id (canonical) for a public key (base64url) that has proved itself, and notes the use. Of two who claim it at once exactly
   * one hears `ours`. Never rejects.
   */
  claim(id: string, key: string): Promise<ClusterClaim>
  /** Takes an id from whoever holds it. */
  release(id: string): Promise<void>
}
