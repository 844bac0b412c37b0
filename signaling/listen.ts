/** Waits for connections at a TCP port, or says why that can't be. */
import type { AddressInfo, Server } from 'node:net'
import { DEFAULT_PORT } from '../protocol/signaling.js'
import { ServerProblem } from './server-problem.js'

/** Connections that the system keeps until the server takes them: where a flood fills that, others wait for seconds. Linux allows as many. */
const BACKLOG = 4096

/** Has `tcp` wait for connections: everywhere unless a host is given. Rejects with a ServerProblem. */
export async function listen(
  tcp: Server,
  { host, port = DEFAULT_PORT }: { readonly host?: string | undefined; readonly port?: number | undefined },
): Promise<AddressInfo> {
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new ServerProblem(
      'badPort',
      `${port} is not a port.`,
      'A port is a number from 0 to 65535; 0 takes a free one.',
    )
  try {
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject)
      tcp.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) }, () => {
        tcp.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw listenProblem(error as NodeJS.ErrnoException, host, port)
  }
  return tcp.address() as AddressInfo
}

function listenProblem(
  { code, message }: NodeJS.ErrnoException,
  host: string | undefined,
  port: number,
): ServerProblem {
  switch (code) {
    case 'EADDRINUSE':
      return new ServerProblem(
        'portInUse',
        `Port ${port} is in use by another program.`,
        'Is a server running already? End it, or choose another port with --port.',
      )
    case 'EACCES':
      return new ServerProblem(
        'noPermission',
        `This user may not listen on port ${port}.`,
        'Choose a port from 1024 up with --port.',
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ServerProblem(
        'badHost',
        `${host} is not an address of this machine.`,
        'Leave --host out to listen at all of its addresses.',
      )
    default:
      return new ServerProblem(
        'cannotListen',
        `The server can't listen on port ${port}: ${message}.`,
        'Try another port.',
      )
  }
}
