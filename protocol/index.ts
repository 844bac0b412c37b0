/** The public parts of the protocol: what a client or a server is built from. PROTOCOL.md is the specification. */
export { type Aead, nobleAead } from './aead.js'
export { concat, equalBytes, fromBase64url, toBase64url, utf8 } from './bytes.js'
export type { Clock, Timer } from './clock.js'
export { fingerprintOf } from './fingerprint.js'
export {
  type CallKeys,
  type ChainPair,
  Handshake,
  type HandshakeFailure,
  type HandshakeInput,
  type HandshakeStep,
  type Mode,
  type Side,
} from './handshake/handshake.js'
export { HANDSHAKE_VERSION } from './handshake/messages.js'
export { type IceServers, isTurnUrl, MAX_TURN_SERVERS, type TurnServer } from './ice.js'
export { canonicalId, ID_PATTERN, parseId, sameId, sideOf } from './id.js'
export { createIdentity, type Identity, identityFromSecret, type Verify, verify } from './identity.js'
export {
  encodeInvitation,
  type Invitation,
  type InvitationProblem,
  isInvitation,
  openInvitation,
} from './invitation.js'
export { type LoginClaim, originOf, signLogin, verifyLogin } from './login.js'
export {
  type ByePacket,
  type ByeReason,
  decodePacket,
  encodePacket,
  MAX_BLOCKS,
  type Packet,
  type PacketProblem,
  type ProbePacket,
  type RouteWish,
  type StatusPacket,
  type VoiceBlock,
  type VoicePacket,
} from './packet.js'
export type { Random } from './random.js'
export {
  LEG_ACK_BYTES,
  LEG_HEADER_BYTES,
  type LegDrop,
  type LegFigures,
  type LegOptions,
  MAX_LEG_PAYLOAD,
  RelayLeg,
} from './relay-leg.js'
export { counterpartOf, isGuest, isRendezvous, MAX_RENDEZVOUS, rendezvousIds } from './rendezvous.js'
export { fail, ok, type Problem, type Result } from './result.js'
export {
  FRAME_BYTES,
  FRAMES_PER_EPOCH,
  type FrameSize,
  type Opened,
  Opener,
  type OpenProblem,
  packetRoom,
  SEALED_BYTES,
  Sealer,
  type SealingOptions,
  type Stream,
} from './sealing.js'
export {
  DEFAULT_PORT,
  encodeSignaling,
  type FromPeer,
  type FromServer,
  type LeaveReason,
  leaveReasons,
  MAX_MESSAGE_BYTES,
  MAX_PASS_BYTES,
  parseFromPeer,
  parseFromServer,
  type Refusal,
  refusals,
  SIGNALING_VERSION,
  type SignalingProblem,
} from './signaling.js'
export type { Socket } from './socket.js'
