import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { labPrefix, namespace, namespaces, remove, run, sweep, whyNot } from './network-namespace.js'

/**
 * Hosts on a network of their own: Linux namespaces around a router, which can cut them off from each other. Not connected to the machine's
 * own network. They are counted from 0.
 */
export class HostsLab {
  readonly #prefix = labPrefix()
  readonly #count: number
  readonly #onExit = () => this.#remove()

  private constructor(count: number) {
    this.#count = count
    process.on('exit', this.#onExit)
  }

  /** Null if it can be set up here, else the reason why not. */
  static unavailable(): string | null {
    return whyNot(`${labPrefix()}try`, cut([address(0)], [address(1)]), false)
  }

  /** Rejects with what the system said, and leaves nothing behind, when it cannot be set up. */
  static async start(count: number): Promise<HostsLab> {
    sweep()
    const lab = new HostsLab(count)
    try {
      await promisify(execFile)('sh', ['-e', '-c', lab.#lines()], { timeout: 20_000 })
      return lab
    } catch (error) {
      lab.stop()
      throw error
    }
  }

  /** What to put before a program and its arguments so that it runs there. */
  within(host: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.#host(host)]
  }

  address(host: number): string {
    return address(host)
  }

  /** From now on nothing passes between a host of `one` and one of `other`, also of what is connected; nobody is told. */
  split(one: readonly number[], other: readonly number[]): void {
    this.#rule(cut(one.map(address), other.map(address)))
  }

  heal(): void {
    this.#rule('flush ruleset')
  }

  /** Removes all of it and kills what still runs in it. */
  stop(): void {
    process.off('exit', this.#onExit)
    this.#remove()
  }

  #lines(): string {
    const hosts = Array.from({ length: this.#count }, (_, n) => {
      const [host, outside] = [this.#host(n), `host${n}`]
      return `
        ${namespace(host)}
        ip -n ${host} link add eth0 type veth peer name ${outside} netns ${this.#router}
        ip -n ${this.#router} address add 10.77.${n}.1/24 dev ${outside}
        ip -n ${this.#router} link set ${outside} up
        ip -n ${host} address add ${address(n)}/24 dev eth0
        ip -n ${host} link set eth0 up
        ip -n ${host} route add default via 10.77.${n}.1`
    })
    return [namespace(this.#router, { forwards: true }), ...hosts].join('\n')
  }

  #rule(rules: string): void {
    run(['ip', 'netns', 'exec', this.#router, 'nft', '-f', '-'], rules)
  }

  #host(n: number): string {
    return `${this.#prefix}host-${n}`
  }

  get #router(): string {
    return `${this.#prefix}router`
  }

  /** Synchronous, for the end of the process too. */
  #remove(): void {
    for (const name of namespaces()) if (name.startsWith(this.#prefix)) remove(name)
  }
}

const address = (host: number) => `10.77.${host}.2`

/** Before anything else is done with a packet: no error comes back. */
function cut(one: readonly string[], other: readonly string[]): string {
  const [here, there] = [one, other].map(each => `{ ${each.join(', ')} }`)
  return `
table ip split {
  chain passing {
    type filter hook forward priority 0
    ip saddr ${here} ip daddr ${there} drop
    ip saddr ${there} ip daddr ${here} drop
  }
}
`
}
