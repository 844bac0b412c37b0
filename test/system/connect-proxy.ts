import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A web proxy on loopback that makes tunnels (CONNECT, RFC 9110, section 9.3.6) and nothing else. */
export class ConnectProxy {
  /** The targets asked for, in order. */
  readonly targets: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createServer((_request, response) => response.writeHead(405).end())
    this.#server.on('connection', (socket: Socket) => this.#keep(socket))
    this.#server.on('connect', ({ url = '' }, near: Socket, head) => {
      this.targets.push(url)
      const { hostname, port } = new URL(`http://${url}`)
      const far = connect({ host: hostname, port: Number(port), noDelay: true }, () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n')
        far.write(head)
        near.pipe(far).pipe(near)
      })
      this.#keep(far)
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
    })
  }

  static async open(): Promise<ConnectProxy> {
    const proxy = new ConnectProxy()
    await new Promise<void>(resolve => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
