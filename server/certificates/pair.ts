// A key and its certificate as one text, and whether they can be used: a sentence says what is wrong with them.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { createSecureContext } from 'node:tls'
import { Fault, wordsOf } from '../kit/fault.ts'

export interface Pair {
  /** Key, certificate and those above it, as PEM. */
  pem: string
  certificate: X509Certificate
}

const LARGEST = 1024 * 1024
const BLOCKS = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

export function unusable(detail: string): Fault {
  return new Fault('https.unusable', { detail })
}

/** Throws a Fault for what no client would accept: a key that does not fit, a date that has passed. */
export function pairOf(key: string, certificates: string, now = Date.now()): Pair {
  const chain = certificates.match(BLOCKS)
  if (!chain) throw unusable('The certificate file holds no certificate in PEM form.')
  const certificate = firstOf(chain)
  if (!certificate.checkPrivateKey(keyOf(key))) throw unusable('The key belongs to another certificate.')
  if (Date.parse(certificate.validTo) <= now) throw unusable(`It expired on ${dayOf(certificate.validTo)}.`)
  if (Date.parse(certificate.validFrom) > now) throw unusable(`It is not valid before ${dayOf(certificate.validFrom)}.`)
  const pem = `${keyOf(key).export({ type: 'pkcs8', format: 'pem' }).toString()}${chain.join('\n')}\n`
  return { pem: accepted(pem), certificate }
}

/** As we wrote it ourselves; undefined for anything else. */
export function storedPair(pem: string): Pair | undefined {
  try {
    return { pem: accepted(pem), certificate: new X509Certificate(pem) }
  } catch {
    return undefined
  }
}

/** Reads the two files of an admin. */
export async function readGiven(files: { certificate: string; key: string }): Promise<Pair> {
  const certificates = await readPart('certificate', files.certificate)
  return pairOf(await readPart('key', files.key), certificates)
}

async function readPart(what: string, file: string): Promise<string> {
  if (!isAbsolute(file)) throw unusable(`The path of the ${what} file must be absolute: ${file}`)
  try {
    const facts = await stat(file)
    if (!facts.isFile() || facts.size > LARGEST) throw unusable(`${file} is no file of a ${what}.`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Fault) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw unusable(`There is no ${what} file ${file}.`)
    if (code === 'EACCES' || code === 'EPERM') throw unusable(`The ${what} file ${file} may not be read by Gitstead.`)
    throw unusable(`The ${what} file ${file} could not be read (${code ?? 'unknown reason'}).`)
  }
}

function firstOf([first = '']: string[]): X509Certificate {
  try {
    return new X509Certificate(first)
  } catch {
    throw unusable('The certificate file is damaged.')
  }
}

function keyOf(text: string): KeyObject {
  if (/ENCRYPTED/.test(text)) throw unusable('The key is protected by a passphrase. Give one without.')
  try {
    return createPrivateKey(text)
  } catch {
    throw unusable('The key file holds no private key in PEM form.')
  }
}

/** OpenSSL has the last word, for example on keys that are too short. */
function accepted(pem: string): string {
  try {
    createSecureContext({ key: pem, cert: pem })
    return pem
  } catch (error) {
    throw unusable(`OpenSSL refuses it: ${wordsOf(error)}.`)
  }
}

function dayOf(date: string): string {
  return new Date(date).toISOString().slice(0, 10)
}
