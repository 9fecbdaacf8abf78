// Routes of mail: how the server sends it, and the own address.
import {
  ConfirmView,
  MailSettings,
  MailSettingsChange,
  MailTest,
  MailTested,
  NewAddress,
  OwnAddress,
} from '../../contract/mail.ts'
import { done, json, route, type Route } from '../../route.ts'
import { personOf } from '../accounts/session.ts'
import * as actions from './actions.ts'

const OWN = '/api/gitstead/1'
const ADMIN = `${OWN}/admin/mail`
const CONFIRM = `${OWN}/mail-confirmations/:token`

export const mailRoutes: Route[] = [
  route({
    method: 'get',
    path: ADMIN,
    access: 'admin',
    scope: 'session',
    summary: 'How mail is sent, without the password',
    answer: MailSettings,
    handle: async (rooms) => json(await actions.readMailSettings(rooms)),
  }),
  route({
    method: 'put',
    path: ADMIN,
    access: 'admin',
    scope: 'session',
    summary: 'Change how mail is sent',
    body: MailSettingsChange,
    answer: MailSettings,
    handle: async (rooms, ask) =>
      json(await actions.changeMailSettings(rooms, { user: personOf(ask), address: ask.address }, ask.body)),
  }),
  route({
    method: 'post',
    path: `${ADMIN}/test`,
    access: 'admin',
    scope: 'session',
    summary: 'Send a test mail now, with the stored settings',
    body: MailTest,
    answer: MailTested,
    handle: async (rooms, ask) => {
      const asked = { to: ask.body.to, signal: ask.signal }
      return json(await actions.testMail(rooms, { user: personOf(ask), address: ask.address }, asked))
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/mail-address`,
    access: 'user',
    scope: 'session',
    summary: 'The own mail address, and whether the server sends mail',
    answer: OwnAddress,
    handle: async (rooms, ask) => json(await actions.ownAddress(rooms, personOf(ask))),
  }),
  route({
    method: 'put',
    path: `${OWN}/mail-address`,
    access: 'user',
    scope: 'session',
    summary: 'Name another mail address; a link is sent there to confirm it',
    body: NewAddress,
    answer: OwnAddress,
    handle: async (rooms, ask) => {
      await actions.askForAddress(rooms, { user: personOf(ask), from: ask.address }, ask.body.address)
      return json(await actions.ownAddress(rooms, personOf(ask)))
    },
  }),
  route({
    method: 'delete',
    path: `${OWN}/mail-address`,
    access: 'user',
    scope: 'session',
    summary: 'Forget the own mail address',
    handle: async (rooms, ask) => {
      await actions.removeAddress(rooms, { user: personOf(ask), from: ask.address })
      return done()
    },
  }),
  route({
    method: 'get',
    path: CONFIRM,
    access: 'anyone',
    scope: 'none',
    summary: 'Which address of whom a link confirms',
    answer: ConfirmView,
    handle: async (rooms, { params }) => {
      const { name, display_name, pending } = await actions.pendingAddress(rooms, params.token)
      return json({ username: name, display_name, address: pending })
    },
  }),
  route({
    method: 'post',
    path: CONFIRM,
    access: 'anyone',
    scope: 'none',
    summary: 'Confirm a mail address',
    handle: async (rooms, { params, address }) => {
      await actions.confirmAddress(rooms, params.token, address)
      return done()
    },
  }),
]
