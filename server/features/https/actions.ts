// What admins and everybody else see of HTTPS, and what admins change: tried first, stored after it has worked.
import type { X509Certificate } from 'node:crypto'
import type { AdminHttps, Authority, Certificate, Https, HttpsChange } from '../../contract/https.ts'
import { commonNameOf, makeAuthority } from '../../certificates/make.ts'
import { namesIn } from '../../certificates/names.ts'
import { readGiven } from '../../certificates/pair.ts'
import { authorityOf, readKept, writeKept } from '../../certificates/store.ts'
import { Fault, wordsOf } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms } from '../../rooms.ts'
import { keptOf, renew } from './renew.ts'
import { choose, type Chosen, chosen, type Wanted, wanted } from '../accounts/https.ts'

type Place = Pick<Rooms, 'db' | 'config'>

export interface By {
  actorId: string | null
  address: string
}

/** `base`: the address under which the reader came. */
export async function viewHttps(place: Place, base: string): Promise<Https> {
  const { mode, redirect } = wanted(place)
  const authority = mode === 'own' ? await readKept(place.config.data, 'authority') : undefined
  return {
    mode,
    redirect,
    url: base.replace(/^http:/, 'https:'),
    authority: authority ? presentAuthority(authority.certificate) : null,
  }
}

export async function viewForAdmin(place: Place, base: string): Promise<AdminHttps> {
  const want = wanted(place)
  const kept = keptOf(want.mode)
  const pair = kept && (await readKept(place.config.data, kept))
  return {
    ...(await viewHttps(place, base)),
    certificate_file: want.certificate_file,
    key_file: want.key_file,
    is_fixed: want.is_fixed,
    certificate: pair ? presentCertificate(pair.certificate) : null,
    problem: await problemOf(place, want, pair?.certificate),
  }
}

async function problemOf(place: Place, want: Wanted, shown: X509Certificate | undefined): Promise<string | null> {
  if (want.mode === 'off') return null
  try {
    if (want.mode === 'own') await authorityOf(place.config.data)
    else await readGiven({ certificate: want.certificate_file, key: want.key_file })
  } catch (error) {
    return wordsOf(error)
  }
  if (!shown) return 'There is no certificate yet.'
  return Date.parse(shown.validTo) < Date.now() ? 'The certificate has expired.' : null
}

function presentAuthority(certificate: X509Certificate): Authority {
  return {
    name: commonNameOf(certificate),
    fingerprint: certificate.fingerprint256,
    valid_until: new Date(certificate.validTo).toISOString(),
  }
}

function presentCertificate(certificate: X509Certificate): Certificate {
  return {
    names: namesIn(certificate),
    issuer: /^CN=(.*)$/m.exec(certificate.issuer)?.[1] ?? certificate.issuer.replaceAll('\n', ', '),
    fingerprint: certificate.fingerprint256,
    valid_from: new Date(certificate.validFrom).toISOString(),
    valid_until: new Date(certificate.validTo).toISOString(),
  }
}

/** Throws a Fault, and changes nothing, where the certificate that is asked for cannot be had. */
export async function changeHttps(rooms: Rooms, by: By, change: HttpsChange): Promise<void> {
  const now = wanted(rooms)
  if (now.is_fixed && Object.keys(change).some((name) => name !== 'redirect')) {
    throw new Fault('conflict', {
      detail: 'The certificate files were set when the server was started. Change them there.',
    })
  }
  const next: Chosen = { ...chosen(rooms), ...dropUndefined(change) }
  if (change.redirect === true && next.mode === 'off' && !now.is_fixed) {
    throw new Fault('conflict', { detail: 'Plain HTTP can lead to HTTPS only where HTTPS is on.' })
  }
  // Whoever switches it on again is not cut off by a switch of long ago.
  if (next.mode === 'off' && !now.is_fixed) next.redirect = false
  await renew(rooms, now.is_fixed ? { ...now, redirect: next.redirect } : next)
  await rooms.db.write(async (tx) => {
    await choose(tx, next)
    const data = { mode: next.mode, redirect: next.redirect, certificate_file: next.certificate_file }
    await record(tx, { kind: 'https:changed', ...by, data })
  })
  rooms.bus.tell({ kind: 'certificate' })
}

/** A new certificate, or the admin's files read again, without waiting for the clock. */
export async function renewNow(rooms: Rooms, by: By): Promise<void> {
  await needOn(rooms)
  await renew(rooms, wanted(rooms), { force: true })
  await rooms.db.write((tx) => record(tx, { kind: 'https:renewed', ...by }))
  rooms.bus.tell({ kind: 'certificate' })
}

/** Whoever trusts the old authority has to trust the new one anew: for a key that may have been seen by others. */
export async function replaceAuthority(rooms: Rooms, by: By): Promise<void> {
  if ((await needOn(rooms)) !== 'own') throw new Fault('conflict', { detail: 'No authority of this server is in use.' })
  const { data } = rooms.config
  await writeKept(data, 'authority', makeAuthority())
  await renew(rooms, wanted(rooms), { force: true })
  const authority = await authorityOf(data)
  const facts = { fingerprint: authority.certificate.fingerprint256 }
  await rooms.db.write((tx) => record(tx, { kind: 'https:authority-replaced', ...by, data: facts }))
  rooms.bus.tell({ kind: 'certificate' })
}

async function needOn(rooms: Rooms): Promise<'own' | 'given'> {
  const { mode } = wanted(rooms)
  if (mode === 'off') throw new Fault('conflict', { detail: 'HTTPS is off.' })
  return mode
}

function dropUndefined(change: HttpsChange): Partial<Chosen> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

/** The authority's certificate as PEM, without its key. */
export async function authorityPem(place: Place): Promise<string> {
  const pair = wanted(place).mode === 'own' ? await readKept(place.config.data, 'authority') : undefined
  if (!pair) throw new Fault('not-found', { detail: 'This server has no authority of its own in use.' })
  return pair.certificate.toString()
}
