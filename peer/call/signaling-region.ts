/**
 * The link to the server: connecting -> online <-> reconnecting; refused.
 * While nothing is heard of the call and the server does not answer a ping, a second socket is opened beside the first. The first
 * to answer wins; from its login on it is the second one, for then the server drops the first.
 * A server of a cluster may ask this side to go on at another one: the socket to that is opened beside the first as well, and if it comes
 * to nothing, all stays as it is.
 */
import { assign, raise, sendTo } from 'xstate'
import { callSetup } from './setup.js'

/** One attempt after another, with pauses between; shared by the three states that look for a server. */
const dialling = callSetup.createStateConfig({
  after: { helloOfSeveral: { target: 'pausing', actions: 'abandonPending' } },
  on: {
    'server.closed': { guard: 'isPending', target: 'pausing' },
    'server.refused': { guard: 'isPassing', target: 'pausing' },
  },
})
const pausing = callSetup.createStateConfig({
  entry: 'again',
  after: { backoff: { target: 'dialling', actions: 'dial' } },
})

const comesOnline = {
  'server.online': { guard: 'isPending', target: '#online', actions: 'adopt' },
  'server.refused': { guard: 'isFinal', target: '#refused' },
} as const

/** Two sockets side by side: without the old one the new one is on its own, without the new one another is tried. */
const oneOfTwoFails = [
  { guard: 'isLink', target: '#reconnecting.dialling' },
  { guard: 'isPending', target: 'pausing' },
] as const

export const signalingRegion = callSetup.createStateConfig({
  initial: 'connecting',
  on: { 'call.ended': '.closed', 'server.restarting': { actions: assign({ restart: ({ event }) => event }) } },
  states: {
    connecting: {
      entry: 'dial',
      after: { firstConnect: { actions: raise({ type: 'link.gaveUp' }) } },
      on: comesOnline,
      initial: 'dialling',
      states: { dialling, pausing },
    },
    online: {
      id: 'online',
      entry: 'nameThePeer',
      on: {
        'server.closed': { guard: 'isLink', target: 'reconnecting' },
        'server.refused': { guard: 'isLink', target: 'reconnecting' },
        'server.servers': { actions: 'noteServers' },
        'server.move': { actions: 'noteMove' },
      },
      initial: 'steady',
      states: {
        steady: {
          always: { guard: 'mayMove', target: 'moving' },
          on: { 'call.quiet': 'doubted' },
          initial: 'listening',
          states: {
            listening: { entry: assign({ missedPings: 0 }), after: { ping: 'pinged' } },
            pinged: {
              entry: 'ping',
              after: {
                pong: [
                  { guard: 'missedTwo', target: '#lost' },
                  {
                    target: 'pinged',
                    reenter: true,
                    actions: assign({ missedPings: ({ context }) => context.missedPings + 1 }),
                  },
                ],
              },
              on: { 'server.pong': { guard: 'isLink', target: 'listening' } },
            },
          },
        },
        moving: {
          entry: [{ type: 'dial', params: ({ context }) => ({ url: context.moveTo }) }, assign({ moveTo: null })],
          after: { hello: { target: 'steady', actions: 'abandonPending' } },
          on: {
            'server.online': {
              guard: 'isPending',
              target: '#online',
              actions: { type: 'adopt', params: { overlaps: true } },
            },
            'server.closed': [
              { guard: 'isLink', target: '#reconnecting.dialling' },
              { guard: 'isPending', target: 'steady' },
            ],
            'server.refused': [
              { guard: 'isLink', target: '#reconnecting.dialling' },
              { guard: 'isPending', target: 'steady' },
            ],
            'call.quiet': { target: 'doubted', actions: 'abandonPending' },
          },
        },
        doubted: {
          entry: 'ping',
          on: {
            'server.pong': { guard: 'isLink', target: 'steady', actions: 'abandonPending' },
            'peer.heard': {
              guard: ({ event }) => event.route === 'relay',
              target: 'steady',
              actions: 'abandonPending',
            },
            'server.online': comesOnline['server.online'],
          },
          initial: 'asking',
          states: {
            asking: { after: { asking: { target: 'dialling', actions: 'dial' } } },
            dialling: {
              ...dialling,
              on: {
                'server.closed': oneOfTwoFails,
                'server.refused': oneOfTwoFails,
                'server.greeted': { guard: 'isPending', target: 'entering' },
              },
            },
            /** Its login is out: what comes by the old one does not count any more. */
            entering: {
              ...dialling,
              on: {
                'server.closed': oneOfTwoFails,
                'server.refused': oneOfTwoFails,
                'server.pong': {},
                'peer.heard': {},
              },
            },
            pausing: {
              ...pausing,
              on: {
                'server.closed': { guard: 'isLink', target: '#reconnecting.pausing' },
                'server.refused': { guard: 'isLink', target: '#reconnecting.pausing' },
              },
            },
          },
        },
      },
    },
    lost: {
      id: 'lost',
      always: {
        target: 'reconnecting',
        actions: sendTo('link', ({ context }) => ({ type: 'abandon', attempt: context.link })),
      },
    },
    reconnecting: {
      id: 'reconnecting',
      entry: 'linkDown',
      after: { serverGone: { actions: raise({ type: 'link.gaveUp' }) } },
      on: comesOnline,
      initial: 'pausing',
      states: { dialling, pausing },
    },
    refused: { id: 'refused' },
    closed: { type: 'final', entry: 'leave' },
  },
})
