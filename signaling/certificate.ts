/** The server's certificate and its key, as two files hold them, checked before they are used. */
import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { createSecureContext, type SecureContext } from 'node:tls'
import { fileReason } from '../protocol/node-file-reason.js'
import { reasonOf } from '../protocol/reason.js'
import { ServerProblem } from './server-problem.js'

/** Their paths. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

export interface Certificate {
  readonly context: SecureContext
  /** Hosts that it is for and that can be dialled: no wildcards, but this machine's own name where one fits. */
  readonly names: readonly string[]
  /** When it ends, epoch ms. */
  readonly until: number
  /** What is not right with it at a time (epoch ms) and yet no reason not to start: sentences. */
  readonly warnings: (now: number) => readonly string[]
  /** The files' text: to see whether they are others. */
  readonly pem: string
}

/** With these a key that is stolen one day opens nothing that was recorded before. TLS 1.3 has no others. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
].join(':')

/** Certificates are renewed when a third of their time is left, as a rule. With so much of it something went wrong. */
const LATE = 1 / 6

/** Both paths, or neither: then null. Throws a ServerProblem where one is missing. */
export function tlsFiles(cert: string | undefined, key: string | undefined): TlsFiles | null {
  if (cert !== undefined && key !== undefined) return { cert, key }
  if (cert !== undefined)
    throw new ServerProblem(
      'certificateWithoutKey',
      'A certificate was given, and no key.',
      "Name its private key with --tls-key (certbot's privkey.pem), or leave --tls-cert out.",
    )
  if (key !== undefined)
    throw new ServerProblem(
      'keyWithoutCertificate',
      'The key of a certificate was given, and no certificate.',
      "Name it with --tls-cert (certbot's fullchain.pem), or leave --tls-key out.",
    )
  return null
}

/** Reads and checks both. Throws a ServerProblem. */
export function readCertificate(files: TlsFiles): Certificate {
  const [cert, key] = [readCert(files.cert), read(files.key, 'key')]
  const leaf = parseCert(files.cert, cert)
  const secret = parseKey(files.key, key)
  if (!leaf.checkPrivateKey(secret))
    throw new ServerProblem(
      'tlsKeyMismatch',
      `The key ${files.key} is not that of the certificate ${files.cert}.`,
      'Name two files that belong together. In the certificate file the own certificate comes first, and then its chain.',
    )
  const until = Date.parse(leaf.validTo)
  return {
    context: contextOf(files.cert, cert, key),
    names: namesOf(leaf),
    until,
    warnings: now => warningsOf(leaf, now),
    pem: cert + key,
  }
}

/** The names of the certificate in a file, which is all that it reads. Throws a ServerProblem. */
export function certificateNames(path: string): readonly string[] {
  return namesOf(parseCert(path, readCert(path)))
}

function read(path: string, what: 'certificate' | 'key'): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw what === 'key'
      ? badKey(path, `cannot be read: ${fileReason(error)}`)
      : badCert(path, `cannot be read: ${fileReason(error)}`)
  }
}

function readCert(path: string): string {
  const text = read(path, 'certificate')
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw badCert(path, 'holds no certificate as PEM')
  return text
}

function parseCert(path: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch {
    throw badCert(path, 'is damaged')
  }
}

function parseKey(path: string, text: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw badKey(path, 'holds no private key as PEM')
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) throw badKey(path, 'is locked with a passphrase')
  try {
    return createPrivateKey(text)
  } catch {
    throw badKey(path, 'is damaged')
  }
}

function contextOf(path: string, cert: string, key: string): SecureContext {
  try {
    const secureOptions = constants.SSL_OP_NO_RENEGOTIATION
    return createSecureContext({ cert, key, minVersion: 'TLSv1.2', ciphers: CIPHERS, secureOptions })
  } catch (error) {
    throw badCert(path, `cannot be used: ${reasonOf(error)}`)
  }
}

function namesOf(leaf: X509Certificate): string[] {
  const subjects = (leaf.subjectAltName ?? '').split(', ')
  const named = (kind: RegExp) => subjects.flatMap(subject => kind.exec(subject)?.[1]?.toLowerCase() ?? [])
  const own = hostname().toLowerCase()
  const wild = leaf.checkHost(own) === undefined ? [] : [own]
  return [...new Set([...named(/^DNS:([\w.-]+)$/), ...named(/^IP Address:([\da-fA-F.:]+)$/), ...wild])]
}

function warningsOf(leaf: X509Certificate, now: number): string[] {
  const [from, until] = [leaf.validFrom, leaf.validTo].map(date => Date.parse(date)) as [number, number]
  const isLate = now <= until && until - now < (until - from) * LATE
  return [
    ...(until < now ? [`The certificate ended ${day(until)}: peers refuse it. Renew it.`] : []),
    ...(isLate ? [`The certificate ends ${day(until)}, and was not renewed yet: from then on peers refuse it.`] : []),
    ...(from > now ? [`The certificate begins ${day(from)}: until then peers refuse it.`] : []),
    ...(namesOf(leaf).length === 0
      ? ['The certificate names no host that can be dialled: say with --public-url how peers dial this server.']
      : []),
  ]
}

/** `at`: epoch ms. */
function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function badCert(path: string, what: string): ServerProblem {
  return new ServerProblem(
    'badTlsCertificate',
    `The certificate ${path} ${what}.`,
    "Name a PEM file with --tls-cert that this user may read: the certificate, and then its chain (certbot's fullchain.pem).",
  )
}

function badKey(path: string, what: string): ServerProblem {
  return new ServerProblem(
    'badTlsKey',
    `The key ${path} ${what}.`,
    "Name a PEM file with --tls-key that this user may read, without a passphrase (certbot's privkey.pem).",
  )
}
