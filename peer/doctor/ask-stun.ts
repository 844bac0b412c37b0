/** Asks STUN ports of one host, all from one UDP socket, which address they see. */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { bindingRequest, type MappedAddress, mappedAddress } from './stun-message.js'

export interface StunAnswers {
  /** As the ports were asked; null: no answer. */
  readonly mapped: readonly (MappedAddress | null)[]
  /** The socket's own port, and the addresses of this machine. */
  readonly ownPort: number
  readonly ownAddresses: readonly string[]
}

/** When each question is asked, and asked again, ms after the first time; and when the wait for an answer is over. */
const ASK_MS = [0, 200, 600, 1_200] as const
const OVER_MS = 2_000

/** Rejects when there is no such host, or this machine has no way to send at all. */
export async function askStun(host: string, ports: readonly number[]): Promise<StunAnswers> {
  // Of both families the one with NAT is of interest.
  const addresses = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true })
  const at = addresses.find(({ family }) => family === 4) ?? addresses[0]
  if (!at) throw new Error('there is no such host')
  const socket = createSocket(at.family === 4 ? 'udp4' : 'udp6')
  socket.on('error', () => {})
  socket.bind(0)
  await once(socket, 'listening')
  const questions = ports.map(port => ({ port, transaction: randomBytes(12), mapped: null as MappedAddress | null }))
  const ownPort = socket.address().port
  await new Promise<void>(resolve => {
    const timers = [...ASK_MS.map(ms => setTimeout(ask, ms)), setTimeout(finish, OVER_MS)]
    function ask() {
      for (const { port, transaction, mapped } of questions)
        if (!mapped) socket.send(bindingRequest(transaction), port, at!.address, () => {})
    }
    function finish() {
      for (const timer of timers) clearTimeout(timer)
      resolve()
    }
    socket.on('message', answer => {
      for (const question of questions) question.mapped ??= mappedAddress(answer, question.transaction)
      if (questions.every(({ mapped }) => mapped)) finish()
    })
  })
  socket.close()
  const ownAddresses = Object.values(networkInterfaces()).flatMap(list => list?.map(({ address }) => address) ?? [])
  return { mapped: questions.map(({ mapped }) => mapped), ownPort, ownAddresses }
}
