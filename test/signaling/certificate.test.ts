import { generateKeyPairSync } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { certificateNames, readCertificate, tlsFiles } from '../../signaling/certificate.js'
import { Authority, selfSigned } from '../lab/authority.js'

const DAY_MS = 86_400_000
const authority = new Authority()

/** Two files with these texts. */
function files(t: Test, texts: { cert: string; key: string }) {
  const folder = t.testdir(texts)
  return { cert: join(folder, 'cert'), key: join(folder, 'key') }
}

t.test('tells the names that can be dialled, and until when', async t => {
  const until = Date.parse('2027-03-04T05:06:07Z')
  const issued = authority.issue({ names: ['Voice.Example.org', '*.other.test', '::1', '192.0.2.7'], until })
  const paths = files(t, issued)
  const read = readCertificate(paths)
  t.same(read.names, ['voice.example.org', '192.0.2.7', '0:0:0:0:0:0:0:1'].sort(byPlace(read.names)))
  t.equal(read.names[0], 'voice.example.org', 'hosts before addresses')
  t.equal(read.until, until)
  t.same(read.warnings(Date.now()), [])
  t.same(certificateNames(paths.cert), read.names)
})

t.test('a wildcard is for this machine, if it fits', async t => {
  const own = `${hostname()}`.toLowerCase()
  const wild = (name: string) => readCertificate(files(t, authority.issue({ names: [name] })))
  t.same(wild('*.other.test').names, [])
  t.match(wild('*.other.test').warnings(Date.now()), [/names no host that can be dialled: say with --public-url/])
  t.same(wild(own).names, [own])
})

t.test('takes a chain behind the own certificate, and not before it', async t => {
  const { cert, key } = authority.issue({ names: ['a.test'] })
  t.same(readCertificate(files(t, { cert: `${cert}${authority.cert}`, key })).names, ['a.test'])
  t.throws(() => readCertificate(files(t, { cert: `${authority.cert}${cert}`, key })), {
    name: 'tlsKeyMismatch',
    hint: /comes first/,
  })
})

t.test('warns of dates, and starts', async t => {
  const now = Date.parse('2026-06-01T00:00:00Z')
  const warned = (from: number, until: number) =>
    readCertificate(files(t, selfSigned({ names: ['a.test'], from, until }))).warnings(now)
  t.match(warned(now - 9 * DAY_MS, now - DAY_MS), [/ended 2026-05-31: peers refuse it/])
  t.match(warned(now + DAY_MS, now + 9 * DAY_MS), [/begins 2026-06-02: until then/])
  t.same(warned(now - DAY_MS, now + DAY_MS), [])
  t.same(warned(now - 74 * DAY_MS, now + 16 * DAY_MS), [])
  t.match(warned(now - 76 * DAY_MS, now + 14 * DAY_MS), [/ends 2026-06-15, and was not renewed yet/])
})

t.test('names what is wrong', async t => {
  const { cert, key } = authority.issue({ names: ['a.test'] })
  const other = authority.issue({ names: ['a.test'] })
  const locked = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' },
  }).privateKey
  const damaged = (pem: string) => pem.replace(/\n(.{20})/, '\n')
  const cases: [name: string, says: RegExp, cert: string, key: string][] = [
    ['badTlsCertificate', /cert holds no certificate as PEM/, key, key],
    ['badTlsCertificate', /holds no certificate as PEM/, '', key],
    ['badTlsCertificate', /cert is damaged/, damaged(cert), key],
    ['badTlsKey', /key holds no private key as PEM/, cert, cert],
    ['badTlsKey', /key is damaged/, cert, damaged(key)],
    ['badTlsKey', /key is locked with a passphrase/, cert, locked],
    ['tlsKeyMismatch', /key is not that of the certificate/, cert, other.key],
  ]
  for (const [name, message, cert, key] of cases)
    t.throws(() => readCertificate(files(t, { cert, key })), { name, message, hint: /\w/ }, `${message}`)
  const there = files(t, { cert, key })
  t.throws(() => readCertificate({ ...there, cert: `${there.cert}-none` }), {
    name: 'badTlsCertificate',
    message: /cert-none cannot be read: it is not there/,
  })
  t.throws(() => readCertificate({ ...there, key: join(there.key, '..') }), {
    name: 'badTlsKey',
    message: /cannot be read: it is a folder/,
  })
})

t.test('takes both files, or neither', async t => {
  t.equal(tlsFiles(undefined, undefined), null)
  t.same(tlsFiles('c', 'k'), { cert: 'c', key: 'k' })
  t.throws(() => tlsFiles('c', undefined), { name: 'certificateWithoutKey', hint: /--tls-key/ })
  t.throws(() => tlsFiles(undefined, 'k'), { name: 'keyWithoutCertificate', hint: /--tls-cert/ })
})

/** In the order of another list. */
function byPlace(order: readonly string[]) {
  return (a: string, b: string) => order.indexOf(a) - order.indexOf(b)
}
