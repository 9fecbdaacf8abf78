// OAuth 2: consumers, the question to a person, codes with PKCE, tokens and their families, and git through a helper.
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client, type Client, signIn, teammate } from '../helpers/client.ts'
import { commitFile, tryGit, withLogin } from '../helpers/git.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const CALLBACK = 'https://ci.example.com/cb?from=us'
let site: Site
let ada: Client
let bob: Client
let work: string

beforeAll(async () => {
  site = await openSite()
  ;({ ada, work } = await makeRepository(site, 'shop'))
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'write' }] })
})
afterAll(() => closeSite(site))

interface Registered {
  id: string
  key: string
  secret: string
}
async function register(wanted: Record<string, unknown> = {}): Promise<Registered> {
  const made = await ada.post(`${OWN}/workspaces/ada/oauth-consumers`, {
    name: 'CI',
    callback_url: CALLBACK,
    scopes: ['repository', 'repository:write', 'account'],
    ...wanted,
  })
  expect(made.status, made.text).toBe(201)
  return made.body as Registered
}

type Form = Record<string, string>
async function post(form: Form | string, headers: Record<string, string> = {}) {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const answer = await fetch(`${site.server.url}/site/oauth2/access_token`, {
    method: 'POST',
    body,
    headers: { ...type, ...headers },
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, string> }
}

function pkce(): { verifier: string; code_challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, code_challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** The person says yes; gives the query that the browser is sent back with. */
async function allow(by: Client, asked: Form): Promise<URLSearchParams> {
  const answer = await by.post(`${OWN}/oauth/authorization`, { response_type: 'code', ...asked, allow: true })
  expect(answer.status, answer.text).toBe(200)
  return new URL(answer.body.redirect).searchParams
}

const ids = ({ key, secret }: Registered): Form => ({ client_id: key, client_secret: secret })
const read = async (token: string): Promise<number> =>
  (await client(site.server, { Authorization: `Bearer ${token}` }).get('/2.0/repositories/ada/shop')).status

async function tokensOf(by: Client, consumer: Registered, asked: Form = {}): Promise<Record<string, string>> {
  const code = (await allow(by, { client_id: consumer.key, ...asked })).get('code') ?? ''
  const { body, status } = await post({ grant_type: 'authorization_code', code, ...ids(consumer) })
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}

describe('the question', () => {
  it('leads from Bitbucket’s address to the page, with every letter of what was asked', async () => {
    const answer = await client(site.server).get('/site/oauth2/authorize?client_id=a&state=12345678901234567890e1')
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe('/site/authorize#client_id=a&state=12345678901234567890e1')
  })

  it('says who asks for what and where it leads', async () => {
    const { key } = await register({ description: 'Builds what is pushed' })
    const asked = `client_id=${key}&response_type=code&scope=repository&state=x`
    expect((await bob.get(`${OWN}/oauth/authorization?${asked}`)).body.question).toEqual({
      name: 'CI',
      description: 'Builds what is pushed',
      workspace: 'ada',
      scopes: ['repository'],
      leads_to: 'ci.example.com',
      loopback: false,
    })
    expect((await client(site.server).get(`${OWN}/oauth/authorization?${asked}`)).status).toBe(401)
    const { access_token: token = '' } = await tokensOf(bob, await register())
    const machine = client(site.server, { Authorization: `Bearer ${token}` })
    expect((await machine.get(`${OWN}/oauth/authorization?${asked}`)).status).toBe(403)
  })

  it('leads nowhere for a stranger’s address, and back with the error for other mistakes', async () => {
    const { key } = await register()
    const ask = (query: Form) =>
      bob.get(
        `${OWN}/oauth/authorization?${new URLSearchParams({ client_id: key, response_type: 'code', ...query }).toString()}`,
      )
    for (const uri of [
      'https://evil.test/cb',
      'https://ci.example.com/cb',
      `${CALLBACK}&x=1`,
      'https://ci.example.com:444/cb?from=us',
      'javascript:alert(1)',
      `${CALLBACK}#`,
    ]) {
      const refused = await ask({ redirect_uri: uri })
      expect(refused.status, uri).toBe(400)
      expect(refused.body.redirect).toBeUndefined()
    }
    expect((await ask({ client_id: 'nobody' })).status).toBe(404)
    const wrong: [Form, string][] = [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'repository:admin' }, 'invalid_scope'],
      [{ code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
    ]
    for (const [query, error] of wrong) {
      const back = new URL((await ask({ ...query, state: 'keep & me' })).body.redirect)
      expect(back.origin).toBe('https://ci.example.com')
      expect([back.searchParams.get('error'), back.searchParams.get('state'), back.searchParams.get('from')]).toEqual([
        error,
        'keep & me',
        'us',
      ])
    }
    const no = await bob.post(`${OWN}/oauth/authorization`, {
      client_id: key,
      response_type: 'code',
      allow: false,
      state: 's',
    })
    expect(new URL(no.body.redirect).searchParams.get('error')).toBe('access_denied')
  })

  it('is answered by our own page alone', async () => {
    const { key } = await register()
    const body = { client_id: key, response_type: 'code', allow: true }
    const forged = await bob.call('POST', `${OWN}/oauth/authorization`, body, { 'X-CSRF-Token': 'wrong' })
    const foreign = await bob.call('POST', `${OWN}/oauth/authorization`, body, { Origin: 'https://evil.test' })
    expect([forged.status, foreign.status]).toEqual([403, 403])
  })

  it('takes any port of the loopback for an app on the person’s machine, and needs PKCE of one without a secret', async () => {
    const app = await register({ confidential: false, callback_url: 'http://127.0.0.1/cb' })
    expect(app.secret).toBeNull()
    const { verifier, code_challenge } = pkce()
    const redirect_uri = 'http://127.0.0.1:49152/cb'
    const base = { client_id: app.key, redirect_uri }
    const without = await bob.post(`${OWN}/oauth/authorization`, { response_type: 'code', ...base, allow: true })
    expect(new URL(without.body.redirect).searchParams.get('error')).toBe('invalid_request')
    for (const uri of ['http://127.0.0.1:49152/other', 'http://localhost:49152/cb', 'https://127.0.0.1:49152/cb'])
      expect(
        (
          await bob.post(`${OWN}/oauth/authorization`, {
            response_type: 'code',
            ...base,
            redirect_uri: uri,
            allow: true,
          })
        ).status,
      ).toBe(400)
    const code = (await allow(bob, { ...base, code_challenge, code_challenge_method: 'S256' })).get('code') ?? ''
    const got = await post({
      grant_type: 'authorization_code',
      code,
      client_id: app.key,
      redirect_uri,
      code_verifier: verifier,
    })
    expect(got.status).toBe(200)
    expect(await read(got.body['access_token'] ?? '')).toBe(200)
    const refreshed = await post({
      grant_type: 'refresh_token',
      client_id: app.key,
      refresh_token: got.body['refresh_token'] ?? '',
    })
    expect(refreshed.status).toBe(200)
    expect((await post({ grant_type: 'client_credentials', client_id: app.key })).body['error']).toBe(
      'unauthorized_client',
    )
  })
})

describe('the token endpoint', () => {
  it('gives an hour for a code, once: the code’s second use ends what the first gave', async () => {
    const consumer = await register()
    const code = (await allow(bob, { client_id: consumer.key, scope: 'repository', state: 's' })).get('code') ?? ''
    const form = { grant_type: 'authorization_code', code }
    const basic = `Basic ${Buffer.from(`${consumer.key}:${consumer.secret}`).toString('base64')}`
    const first = await post(form, { Authorization: basic })
    expect(first.body).toMatchObject({
      token_type: 'bearer',
      expires_in: 3600,
      scope: 'repository',
      scopes: 'repository',
    })
    expect(first.headers.get('cache-control')).toBe('no-store')
    const token = first.body['access_token'] ?? ''
    expect(token).toMatch(/^gso_/)
    expect(await read(token)).toBe(200)
    const git = withLogin(`${site.server.url}/ada/shop.git`, 'x-token-auth', token)
    expect((await tryGit(work, ['ls-remote', git])).code).toBe(0)
    expect((await tryGit(work, ['push', git, 'main'])).stderr).toMatch(/lacks the scope repository:write/)
    expect((await post(form, { Authorization: basic })).body['error']).toBe('invalid_grant')
    expect(await read(token)).toBe(401)
    expect(
      (await post({ grant_type: 'refresh_token', refresh_token: first.body['refresh_token'] ?? '', ...ids(consumer) }))
        .body['error'],
    ).toBe('invalid_grant')
  })

  it('says what is wrong in the words of RFC 6749', async () => {
    const consumer = await register()
    const other = await register()
    const { code_challenge } = pkce()
    const fresh = async (asked: Form = {}): Promise<Form> => ({
      grant_type: 'authorization_code',
      code: (await allow(bob, { client_id: consumer.key, ...asked })).get('code') ?? '',
    })
    const challenged = { code_challenge, code_challenge_method: 'S256' }
    const cases: [Form | string, string, number][] = [
      [{ ...(await fresh()), ...ids(other) }, 'invalid_grant', 400],
      [{ ...(await fresh()), client_id: consumer.key, client_secret: 'wrong' }, 'invalid_client', 401],
      [{ ...(await fresh()), client_id: consumer.key }, 'invalid_client', 401],
      [{ ...(await fresh()), ...ids(consumer), redirect_uri: CALLBACK }, 'invalid_grant', 400],
      [{ ...(await fresh({ redirect_uri: CALLBACK })), ...ids(consumer) }, 'invalid_grant', 400],
      [{ ...(await fresh(challenged)), ...ids(consumer) }, 'invalid_grant', 400],
      [{ ...(await fresh(challenged)), ...ids(consumer), code_verifier: 'wrong' }, 'invalid_grant', 400],
      [{ ...(await fresh()), ...ids(consumer), code_verifier: 'unasked' }, 'invalid_grant', 400],
      [{ grant_type: 'authorization_code', code: 'none', ...ids(consumer) }, 'invalid_grant', 400],
      [{ grant_type: 'password', username: 'bob', password: 'x', ...ids(consumer) }, 'unsupported_grant_type', 400],
      [{ grant_type: 'client_credentials', scope: 'repository:admin', ...ids(consumer) }, 'invalid_scope', 400],
      [`grant_type=client_credentials&grant_type=x&client_id=${consumer.key}`, 'invalid_request', 400],
    ]
    for (const [form, error, status] of cases) {
      const answer = await post(form)
      expect([answer.body['error'], answer.status], JSON.stringify(form)).toEqual([error, status])
    }
    const json = await post('{}', { 'Content-Type': 'application/json' })
    expect([json.status, json.body['error']]).toEqual([400, 'invalid_request'])
    const burnt = await fresh(challenged)
    await post({ ...burnt, ...ids(consumer), code_verifier: 'guess' })
    expect((await post({ ...burnt, ...ids(consumer), code_verifier: 'another' })).body['error']).toBe('invalid_grant')
  })

  it('turns refresh tokens, and ends the family of one that comes again', async () => {
    const consumer = await register()
    const first = await tokensOf(bob, consumer)
    const refresh = (token = '', more: Form = {}) =>
      post({ grant_type: 'refresh_token', refresh_token: token, ...ids(consumer), ...more })
    const second = await refresh(first['refresh_token'])
    expect(second.status).toBe(200)
    expect(second.body['refresh_token']).not.toBe(first['refresh_token'])
    expect((await refresh(second.body['refresh_token'], { scope: 'repository:admin' })).body['error']).toBe(
      'invalid_scope',
    )
    const third = await refresh(second.body['refresh_token'], { scope: 'repository' })
    expect(third.body['scope']).toBe('repository')
    expect([await read(first['access_token'] ?? ''), await read(third.body['access_token'] ?? '')]).toEqual([200, 200])
    expect((await refresh(first['refresh_token'])).body['error']).toBe('invalid_grant')
    expect([await read(first['access_token'] ?? ''), await read(third.body['access_token'] ?? '')]).toEqual([401, 401])
    expect((await refresh(third.body['refresh_token'])).body['error']).toBe('invalid_grant')
    // Of many at once, at most one is the first.
    const again = await tokensOf(bob, consumer)
    const all = await Promise.all(Array.from({ length: 8 }, () => refresh(again['refresh_token'])))
    expect(all.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
  })

  it('lets a client act with its own credentials for whoever made its secret', async () => {
    const consumer = await register({ scopes: ['account', 'repository'] })
    const got = await post({ grant_type: 'client_credentials', ...ids(consumer) })
    const token = got.body['access_token'] ?? ''
    expect(got.body['refresh_token']).toBeUndefined()
    const me = await client(site.server, { Authorization: `Bearer ${token}` }).get('/2.0/user')
    expect(me.body.username).toBe('ada')
    const at = `${OWN}/workspaces/ada/oauth-consumers/${consumer.id}`
    const renewed = (await ada.post(`${at}/secret`)).body as Registered
    expect(await read(token)).toBe(401)
    expect((await post({ grant_type: 'client_credentials', ...ids(consumer) })).body['error']).toBe('invalid_client')
    expect((await post({ grant_type: 'client_credentials', ...ids(renewed) })).status).toBe(200)
  })

  it('stores no secret of any kind', async () => {
    const consumer = await register()
    const { access_token, refresh_token } = await tokensOf(bob, consumer)
    const stored = ['oauth_consumers', 'oauth_codes', 'oauth_tokens', 'oauth_grants']
      .map((table) => JSON.stringify(rows(site.server, `select * from ${table}`)))
      .join()
    for (const secret of [consumer.secret, access_token, refresh_token]) expect(stored).not.toContain(secret)
  })
})

describe('what was allowed', () => {
  it('ends when the person says so, the consumer goes, the time is over, or the account is disabled', async () => {
    const consumer = await register({ name: 'Mine' })
    const first = await tokensOf(bob, consumer)
    const second = await tokensOf(bob, consumer)
    const mine = (await bob.get(`${OWN}/oauth/grants`)).body.values.filter(
      (one: { name: string }) => one.name === 'Mine',
    )
    expect(mine).toMatchObject([{ id: consumer.id, workspace: 'ada' }])
    expect((await ada.delete(`${OWN}/oauth/grants/${consumer.id}`)).status).toBe(404)
    expect((await bob.delete(`${OWN}/oauth/grants/${consumer.id}`)).status).toBe(204)
    expect([await read(first['access_token'] ?? ''), await read(second['access_token'] ?? '')]).toEqual([401, 401])

    const third = (await tokensOf(bob, consumer))['access_token'] ?? ''
    const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
    db.prepare("update oauth_tokens set expires_at = '2020-01-01T00:00:00.000Z' where kind = 'access'").run()
    db.close()
    expect(await read(third)).toBe(401)
    const fourth = await tokensOf(bob, consumer)
    await ada.patch(`${OWN}/people/bob`, { state: 'disabled' })
    expect(await read(fourth['access_token'] ?? '')).toBe(401)
    const refused = await post({
      grant_type: 'refresh_token',
      refresh_token: fourth['refresh_token'] ?? '',
      ...ids(consumer),
    })
    expect(refused.body['error']).toBe('invalid_grant')
    await ada.patch(`${OWN}/people/bob`, { state: 'active' })
    expect(await read(fourth['access_token'] ?? '')).toBe(200)
    expect((await ada.delete(`${OWN}/workspaces/ada/oauth-consumers/${consumer.id}`)).status).toBe(204)
    expect(await read(fourth['access_token'] ?? '')).toBe(401)
    bob = await signIn(site.server, 'bob', 'bob has a password')
  })

  it('is registered by owners of the workspace, with callbacks that no browser runs', async () => {
    const at = `${OWN}/workspaces/ada/oauth-consumers`
    expect((await bob.get(at)).status).not.toBe(200)
    for (const callback_url of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://a/#x',
      'https://u:p@a/',
      'nothing',
      'file:///etc',
    ])
      expect((await ada.post(at, { name: 'x', callback_url, scopes: ['repository'] })).status, callback_url).toBe(400)
    expect(
      (await ada.post(at, { name: 'x', callback_url: 'com.example.app:/cb', scopes: ['repository'] })).status,
    ).toBe(201)
    const consumer = await register()
    const changed = await ada.put(`${at}/${consumer.id}`, {
      scopes: ['repository'],
      callback_url: 'https://new.example/',
    })
    expect(changed.body).toMatchObject({
      scopes: ['repository'],
      callback_url: 'https://new.example/',
      confidential: true,
    })
    expect(changed.body.secret).toBeUndefined()
  })
})

it('lets git in through a credential helper that goes the whole way by a loopback redirect', async () => {
  const app = await register({ confidential: false, callback_url: 'http://127.0.0.1/' })
  const helper = join(site.dir, 'helper.mjs')
  const cookie = await fetch(`${site.server.url}${OWN}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'bob', password: 'bob has a password' }),
  })
  const session = (cookie.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const { csrf } = (await cookie.json()) as { csrf: string }
  // Where a helper opens a browser, this one is the browser too: it is signed in, and says yes.
  writeFileSync(
    helper,
    `#!${process.execPath}
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
if (process.argv[2] !== 'get') process.exit(0)
const verifier = randomBytes(32).toString('base64url')
const code_challenge = createHash('sha256').update(verifier).digest('base64url')
const server = createServer((request, response) => {
  response.end('You can close this window.')
  finish(new URL(request.url, 'http://x').searchParams)
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const redirect_uri = 'http://127.0.0.1:' + server.address().port + '/'
const asked = { response_type: 'code', client_id: '${app.key}', redirect_uri, state: 'mine', code_challenge, code_challenge_method: 'S256' }
const answer = await fetch('${site.server.url}${OWN}/oauth/authorization', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Cookie: '${session}', 'X-CSRF-Token': '${csrf}' },
  body: JSON.stringify({ ...asked, allow: true }),
})
await fetch((await answer.json()).redirect)
async function finish(back) {
  if (back.get('state') !== 'mine') process.exit(1)
  const form = { grant_type: 'authorization_code', code: back.get('code'), client_id: '${app.key}', redirect_uri, code_verifier: verifier }
  const got = await fetch('${site.server.url}/site/oauth2/access_token', { method: 'POST', body: new URLSearchParams(form) })
  const { access_token } = await got.json()
  process.stdout.write('username=x-token-auth\\npassword=' + access_token + '\\n', () => process.exit(0))
}
`,
  )
  chmodSync(helper, 0o755)
  await commitFile(work, 'by-oauth.txt', 'x\n')
  const pushed = await tryGit(work, [
    '-c',
    `credential.helper=${helper}`,
    'push',
    `${site.server.url}/ada/shop.git`,
    'main',
  ])
  expect(pushed.code, pushed.stderr).toBe(0)
  const [push] = (await ada.get(`${OWN}/pushes?repository=ada/shop`)).body.values
  expect(push.actor.username).toBe('bob')
})
