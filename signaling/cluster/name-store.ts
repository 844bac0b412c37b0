/** Where the servers of a cluster keep whose id is whose: NATS (nats-names.ts), or whatever a test puts in its place. */

/** `holder`: the key (base64url) that has the id. `unreachable`: the store does not answer. */
export type ClusterClaim = 'ours' | 'unreachable' | { readonly holder: string }

export interface NameStore {
  /**
   * Claims an id (canonical) for a public key (base64url) that has proved itself, and notes the use. Of two who claim it at once exactly
   * one hears `ours`. `from`: a key that may not have the id any more, and loses it if it still has it. Never rejects.
   */
  claim(id: string, key: string, from?: string): Promise<ClusterClaim>
}
