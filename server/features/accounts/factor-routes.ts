// Routes of the second factor: the second step of a sign-in, the own factor, and an admin's reset.
import * as contract from '../../contract/factor.ts'
import { Person, Session } from '../../contract/gitstead.ts'
import { z } from 'zod'
import { Fault } from '../../kit/fault.ts'
import { json, type Reply, route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { findUserById, needUser, type NewSession } from './actions.ts'
import { confirmFactor, endFactor, factorOf, renewCodes, resetFactor, signInWithCode, startFactor } from './factor.ts'
import { presentPerson } from './present.ts'
import { personOf, signedIn, visitOf } from './session.ts'

const OWN = '/api/gitstead/1'
const MINE = { access: 'user', scope: 'session' } as const
const OPENED = z.object({ session: Session })

/** This browser goes on with a new session, whose cookie is in the answer. */
async function rotated(rooms: Rooms, session: NewSession, base: string, more: object = {}): Promise<Reply> {
  const { body, headers } = await signedIn(rooms, session, base)
  return json({ session: body, ...more }, 200, headers)
}

export const factorRoutes: Route[] = [
  route({
    method: 'post',
    path: `${OWN}/session/code`,
    access: 'anyone',
    scope: 'none',
    summary: 'The second step of a sign-in: the ticket of the first one, and a code or a recovery code',
    body: contract.SignInCode,
    answer: Session,
    handle: async (rooms, { body, base, ...from }) => {
      const answer = await signedIn(rooms, await signInWithCode(rooms, body, visitOf(from)), base)
      return json(answer.body, 201, answer.headers)
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/factor`,
    ...MINE,
    early: true,
    summary: 'Whether the account has a second factor, and how many recovery codes are left',
    answer: contract.Factor,
    handle: async (rooms, ask) => {
      const user = await findUserById(rooms.db.read, personOf(ask).id)
      if (!user) throw new Fault('not-found')
      return json(await factorOf(rooms.db, user))
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/factor`,
    ...MINE,
    early: true,
    summary: 'A secret for the authenticator app; it counts once a code of it was confirmed',
    body: contract.FactorStart,
    answer: contract.FactorSecret,
    handle: async (rooms, ask) => {
      const { password } = ask.body
      return json(await startFactor(rooms, personOf(ask), { password, address: ask.address }), 201)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/factor/confirm`,
    ...MINE,
    early: true,
    summary: 'Switch the second factor on with the first code; recovery codes are in this answer only',
    body: contract.FactorConfirm,
    answer: contract.RecoveryCodes.extend(OPENED.shape),
    handle: async (rooms, ask) => {
      const { session, codes } = await confirmFactor(rooms, personOf(ask), ask.body.code, visitOf(ask))
      return rotated(rooms, session, ask.base, { recovery_codes: codes })
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/factor/recovery-codes`,
    ...MINE,
    summary: 'New recovery codes in place of the old ones; they are in this answer only',
    body: contract.FactorProof,
    answer: contract.RecoveryCodes,
    handle: async (rooms, ask) => {
      const codes = await renewCodes(rooms, personOf(ask), { ...ask.body, address: ask.address })
      return json({ recovery_codes: codes }, 201)
    },
  }),
  route({
    method: 'post',
    path: `${OWN}/factor/off`,
    ...MINE,
    summary: 'Switch the second factor off, with password and code',
    body: contract.FactorProof,
    answer: OPENED,
    handle: async (rooms, ask) =>
      rotated(rooms, await endFactor(rooms, personOf(ask), ask.body, visitOf(ask)), ask.base),
  }),
  route({
    method: 'delete',
    path: `${OWN}/people/:username/factor`,
    access: 'admin',
    scope: 'session',
    summary: 'Switch off the second factor of somebody who has lost it; they are signed out',
    answer: Person,
    handle: async (rooms, ask) => {
      const user = await needUser(rooms.db.read, ask.params.username)
      const by = { actorId: personOf(ask).id, address: ask.address }
      return json(presentPerson(await resetFactor(rooms.db, user, by)))
    },
  }),
]
