// Makes an authority of our own and certificates under it: ECDSA over P-256, for TLS servers and nothing else.
import {
  createPrivateKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import * as der from './der.ts'

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
const LEAF_DAYS = 90
/** A clock that is a little behind ours must not find the certificate invalid. */
const BEFORE_MS = DAY_MS

const ECDSA_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))
const COMMON_NAME = '2.5.4.3'
const EXTENSION = {
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
/** keyCertSign and cRLSign; digitalSignature. */
const SIGNS_CERTIFICATES = der.bits(Buffer.from([0x06]), 1)
const SIGNS_HANDSHAKES = der.bits(Buffer.from([0x80]), 7)
const [DNS_NAME, IP_ADDRESS] = [2, 7]

interface Draft {
  subject: Buffer
  issuer: Buffer
  from: number
  until: number
  key: KeyObject
  extensions: Buffer[]
}

/** The authority as PEM: its key, then its certificate. */
export function makeAuthority(now = Date.now()): string {
  const { publicKey, privateKey } = newKey()
  // Two authorities of one machine must not look the same to those who search by name.
  const name = nameOf(`Gitstead on ${hostname().slice(0, 40)} ${randomBytes(3).toString('hex')}`)
  const isAuthority = der.sequence(der.yes(), der.integer(Buffer.from([0])))
  const extensions = [
    extension(EXTENSION.basicConstraints, isAuthority, true),
    extension(EXTENSION.keyUsage, SIGNS_CERTIFICATES, true),
    extension(EXTENSION.subjectKey, der.octets(keyId(publicKey))),
  ]
  const until = now + AUTHORITY_DAYS * DAY_MS
  const draft = { subject: name, issuer: name, from: now - BEFORE_MS, until, key: publicKey, extensions }
  return pemOf(privateKey, signed(draft, privateKey))
}

/** A certificate for these names and addresses under the authority, as PEM: its key, then the certificate. */
export function issue(authority: string, names: readonly string[], now = Date.now()): string {
  const above = new X509Certificate(authority)
  const { publicKey, privateKey } = newKey()
  const extensions = [
    extension(EXTENSION.basicConstraints, der.sequence(), true),
    extension(EXTENSION.keyUsage, SIGNS_HANDSHAKES, true),
    extension(EXTENSION.extendedKeyUsage, der.sequence(der.oid(SERVER_AUTH))),
    extension(EXTENSION.subjectNames, der.sequence(...names.map(subjectName))),
    extension(EXTENSION.authorityKey, der.sequence(der.markedBytes(0, keyId(above.publicKey)))),
    extension(EXTENSION.subjectKey, der.octets(keyId(publicKey))),
  ]
  const draft = {
    subject: nameOf(`Gitstead on ${hostname().slice(0, 50)}`),
    issuer: nameOf(commonNameOf(above)),
    from: now - BEFORE_MS,
    until: Math.min(now + LEAF_DAYS * DAY_MS, Date.parse(above.validTo)),
    key: publicKey,
    extensions,
  }
  return pemOf(privateKey, signed(draft, createPrivateKey(authority)))
}

export function commonNameOf(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? ''
}

function newKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function nameOf(text: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid(COMMON_NAME), der.utf8(text))))
}

function subjectName(name: string): Buffer {
  return isIP(name) === 0
    ? der.markedBytes(DNS_NAME, Buffer.from(name, 'ascii'))
    : der.markedBytes(IP_ADDRESS, der.addressBytes(name))
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.oid(id), ...(critical ? [der.yes()] : []), der.octets(value))
}

/** By which a certificate finds the one above it. */
function keyId(key: KeyObject): Buffer {
  return hash('sha1', key.export({ type: 'spki', format: 'der' }), 'buffer')
}

function signed({ subject, issuer, from, until, key, extensions }: Draft, by: KeyObject): Buffer {
  const body = der.sequence(
    der.marked(0, der.integer(Buffer.from([2]))),
    der.integer(randomBytes(16)),
    ECDSA_SHA256,
    issuer,
    der.sequence(der.time(new Date(from)), der.time(new Date(until))),
    subject,
    key.export({ type: 'spki', format: 'der' }),
    der.marked(3, der.sequence(...extensions)),
  )
  return der.sequence(body, ECDSA_SHA256, der.bits(sign('sha256', body, by)))
}

function pemOf(key: KeyObject, certificate: Buffer): string {
  return `${key.export({ type: 'pkcs8', format: 'pem' }).toString()}${new X509Certificate(certificate).toString()}`
}
