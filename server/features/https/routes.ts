// Routes of HTTPS: what everybody needs to trust this server, and its administration.
import { AdminHttps, Https, HttpsChange } from '../../contract/https.ts'
import { type Ask, json, route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { authorityPem, type By, changeHttps, renewNow, replaceAuthority, viewForAdmin, viewHttps } from './actions.ts'

const OWN = '/api/gitstead/1'
const ADMIN = { access: 'admin', scope: 'session' } as const

/** An administrative act, answered with how things stand after it. */
function act(carryOut: (rooms: Rooms, by: By, ask: Ask) => Promise<void>) {
  return async (rooms: Rooms, ask: Ask) => {
    await carryOut(rooms, { actorId: personOf(ask).id, address: ask.address }, ask)
    return json(await viewForAdmin(rooms, ask.base))
  }
}

export const httpsRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/https`,
    access: 'anyone',
    scope: 'none',
    summary: 'Whether and where this server is reached over HTTPS, and the fingerprint to compare',
    answer: Https,
    handle: async (rooms, { base }) => json(await viewHttps(rooms, base)),
  }),
  route({
    method: 'get',
    path: `${OWN}/https/ca.crt`,
    access: 'anyone',
    scope: 'none',
    summary: 'The certificate of the authority of this server, in PEM form',
    handle: async (rooms) => ({
      kind: 'text',
      status: 200,
      type: 'application/x-x509-ca-cert',
      body: await authorityPem(rooms),
      headers: { 'Content-Disposition': 'attachment; filename="gitstead-ca.crt"' },
    }),
  }),
  route({
    method: 'get',
    path: `${OWN}/admin/https`,
    ...ADMIN,
    summary: 'How HTTPS is set up: the way, the certificate, what went wrong',
    answer: AdminHttps,
    handle: async (rooms, { base }) => json(await viewForAdmin(rooms, base)),
  }),
  route({
    method: 'put',
    path: `${OWN}/admin/https`,
    ...ADMIN,
    summary: 'Choose the way of HTTPS, and whether plain HTTP leads to it',
    body: HttpsChange,
    answer: AdminHttps,
    handle: act((rooms, by, ask) => changeHttps(rooms, by, ask.body as HttpsChange)),
  }),
  route({
    method: 'post',
    path: `${OWN}/admin/https/renew`,
    ...ADMIN,
    summary: 'Make a new certificate, or read the given files again',
    answer: AdminHttps,
    handle: act(renewNow),
  }),
  route({
    method: 'post',
    path: `${OWN}/admin/https/authority`,
    ...ADMIN,
    summary: 'Replace the authority of this server: everybody has to trust the new one',
    answer: AdminHttps,
    handle: act(replaceAuthority),
  }),
]
