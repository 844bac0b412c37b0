/** An authority of a test's own, which signs certificates (X.509, RFC 5280): any names, any dates, no tool needed. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { addressBytes } from '../../signaling/address.js'

/** PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

export interface Wish {
  /** Hosts and addresses. */
  readonly names: readonly string[]
  /** Epoch ms; from yesterday until tomorrow unless given. */
  readonly from?: number
  readonly until?: number
}

const DAY_MS = 86_400_000
const ECDSA_SHA256 = '2a8648ce3d040302'
const COMMON_NAME = '550403'
const BASIC_CONSTRAINTS = '551d13'
const ALT_NAMES = '551d11'

export class Authority {
  /** PEM: whoever trusts this trusts all that it signs. */
  readonly cert: string
  readonly #key: KeyObject
  readonly #name: string

  constructor(name = 'A test') {
    const { privateKey, publicKey } = pair()
    this.#key = privateKey
    this.#name = name
    const isAuthority = extension(BASIC_CONSTRAINTS, sequence(der(0x01, Buffer.of(0xff))))
    this.cert = certificate(name, name, publicKey, privateKey, { names: [] }, isAuthority)
  }

  issue(wish: Wish): Issued {
    const { privateKey, publicKey } = pair()
    const cert = certificate(this.#name, 'A server', publicKey, this.#key, wish, altNames(wish.names))
    return { cert, key: pemOf(privateKey) }
  }
}

/** A certificate for which nobody else vouches. */
export function selfSigned(wish: Wish): Issued {
  const { privateKey, publicKey } = pair()
  return {
    cert: certificate('Me', 'Me', publicKey, privateKey, wish, altNames(wish.names)),
    key: pemOf(privateKey),
  }
}

function pair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function certificate(
  issuer: string,
  subject: string,
  publicKey: KeyObject,
  signer: KeyObject,
  { from = Date.now() - DAY_MS, until = Date.now() + DAY_MS }: Wish,
  extensions: Buffer,
): string {
  const algorithm = sequence(oid(ECDSA_SHA256))
  const serial = Buffer.concat([Buffer.of(1), randomBytes(8)])
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    algorithm,
    nameOf(issuer),
    sequence(timeOf(from), timeOf(until)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extensions)),
  )
  const signed = sequence(body, algorithm, bits(sign('sha256', body, signer)))
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function altNames(names: readonly string[]): Buffer {
  const all = names.map(name =>
    isIP(name) ? der(0x87, Buffer.from(addressBytes(name)!)) : der(0x82, Buffer.from(name)),
  )
  return names.length === 0 ? Buffer.alloc(0) : extension(ALT_NAMES, sequence(...all))
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value))
}

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(text)))))
}

/** GeneralizedTime. */
function timeOf(ms: number): Buffer {
  return der(0x18, Buffer.from(new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '')))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function bits(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.of(0), bytes]))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

/** Tag, length, value. */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), value])
}
