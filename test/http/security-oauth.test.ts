// What OAuth gave away ends when what it rests on does: scopes of the consumer, the password of whoever made its secret.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { client, type Client, teammate } from '../helpers/client.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'

const OWN = '/api/gitstead/1'
const CALLBACK = 'https://ci.example.com/cb'
let site: Site
let ada: Client
let bob: Client

beforeAll(async () => {
  site = await openSite()
  ;({ ada } = await makeRepository(site, 'shop'))
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'write' }] })
})
afterAll(() => closeSite(site))

interface Registered {
  id: string
  key: string
  secret: string
}
type Form = Record<string, string>

async function register(by: Client, owner: string, scopes: string[]): Promise<Registered> {
  const wanted = { name: 'CI', callback_url: CALLBACK, scopes }
  return (await by.post(`${OWN}/workspaces/${owner}/oauth-consumers`, wanted)).body as Registered
}

const ids = ({ key, secret }: Registered): Form => ({ client_id: key, client_secret: secret })

async function post(form: Form): Promise<{ status: number; body: Form }> {
  const at = `${site.server.url}/site/oauth2/access_token`
  const answer = await fetch(at, { method: 'POST', body: new URLSearchParams(form) })
  return { status: answer.status, body: (await answer.json()) as Form }
}

async function codeFor(by: Client, { key }: Registered, asked: Form = {}): Promise<string> {
  const wanted = { response_type: 'code', client_id: key, allow: true, ...asked }
  const { body } = await by.post(`${OWN}/oauth/authorization`, wanted)
  return new URL(body.redirect).searchParams.get('code') ?? ''
}

async function tokensOf(by: Client, consumer: Registered, asked: Form = {}): Promise<Form> {
  const code = await codeFor(by, consumer, asked)
  return (await post({ grant_type: 'authorization_code', code, ...ids(consumer) })).body
}

const status = async (token: string, path: string): Promise<number> =>
  (await client(site.server, { Authorization: `Bearer ${token}` }).get(path)).status
const read = (token = ''): Promise<number> => status(token, '/2.0/repositories/ada/shop')
const me = (token = ''): Promise<number> => status(token, '/2.0/user')

it('what was allowed is no more than the consumer may ask for now', async () => {
  const consumer = await register(ada, 'ada', ['repository', 'account'])
  const at = `${OWN}/workspaces/ada/oauth-consumers/${consumer.id}`
  const tokens = await tokensOf(bob, consumer)
  const only = (await tokensOf(bob, consumer, { scope: 'account' }))['access_token'] ?? ''
  const code = await codeFor(bob, consumer)
  expect([await me(tokens['access_token']), await me(only)]).toEqual([200, 200])
  expect((await ada.put(at, { scopes: ['repository'] })).status).toBe(200)
  expect([await me(tokens['access_token']), await me(only)]).toEqual([403, 401])
  expect(await read(tokens['access_token'])).toBe(200)
  const later = [
    await post({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] ?? '', ...ids(consumer) }),
    await post({ grant_type: 'authorization_code', code, ...ids(consumer) }),
  ]
  expect(later.map(({ body }) => body['scope'])).toEqual(['repository', 'repository'])
  // What was taken away does not come back by itself.
  await ada.put(at, { scopes: ['repository', 'account'] })
  expect(await me(later[0]?.body['access_token'])).toBe(403)
})

it('what a consumer gets by its own credentials ends with the password of whoever made its secret', async () => {
  const eve = await teammate(site.server, ada, { name: 'eve' })
  const made = await eve.post(`${OWN}/workspaces/eve/oauth-consumers`, {
    name: 'Kept by a thief',
    callback_url: CALLBACK,
    scopes: ['account'],
  })
  const form = { grant_type: 'client_credentials', ...ids(made.body as Registered) }
  expect((await post(form)).status).toBe(200)
  const change = { current: 'eve has a password', password: 'eve has another one', revoke_app_passwords: true }
  expect((await eve.put(`${OWN}/password`, change)).status).toBeLessThan(300)
  expect(await post(form)).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } })
  const at = `${OWN}/workspaces/eve/oauth-consumers`
  expect((await eve.get(at)).body.values).toMatchObject([{ acts_for: null }])
  const { secret } = (await eve.post(`${at}/${made.body.id}/secret`)).body
  expect((await post({ ...form, client_secret: secret })).status).toBe(200)
})
