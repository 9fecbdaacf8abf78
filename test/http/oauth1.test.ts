// OAuth 1.0a where two processes serve: the whole way with a client of that time, and everything that is refused on it.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, client, signIn, teammate } from '../helpers/client.ts'
import { tryGit } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import {
  answered,
  called,
  CALLBACK,
  type Consumer,
  dance,
  type Keys,
  keysOf,
  libraryOf,
  signedHeader,
} from '../helpers/oauth1.ts'
import { raw } from '../helpers/raw.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const SHOP = '/2.0/repositories/ada/shop'
let site: Site
let ada: Client
let bob: Client
let work: string

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  ;({ ada, work } = await makeRepository(site, 'shop'))
  expect((await tryGit(work, ['push', remoteOf(site, 'shop'), 'main'])).code).toBe(0)
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'write' }] })
})
beforeEach(() => switchTo(true))
afterAll(() => closeSite(site))

async function switchTo(oauth1: boolean): Promise<void> {
  expect((await ada.put(`${OWN}/settings`, { oauth1 })).status).toBe(200)
}

async function register(wanted: Record<string, unknown> = {}): Promise<Consumer> {
  const body = { name: 'CI', callback_url: CALLBACK, scopes: ['repository', 'account'], ...wanted }
  const made = await ada.post(`${OWN}/workspaces/ada/oauth-consumers`, body)
  expect(made.status, made.text).toBe(201)
  return made.body
}

const { send, asks, allowed, exchange, letIn } = dance(() => site.server)

describe('the whole way, by a client library', () => {
  it('asks, is allowed, reads and writes with what must be escaped, and acts for the person', async () => {
    const scopes = ['account', 'repository', 'repository:admin', 'repository:delete']
    const consumer = await register({ scopes })
    const library = libraryOf(site.server, consumer, `${CALLBACK}&redirect_state=a%20b`)
    const [token, secret, more] = await called<[string, string, Record<string, string>]>((done) =>
      library.getOAuthRequestToken(done),
    )
    expect(more['oauth_callback_confirmed']).toBe('true')
    const page = await client(site.server).get(`/api/1.0/oauth/authenticate?oauth_token=${token}`)
    expect([page.status, page.headers.get('location')]).toEqual([302, `/site/authorize#oauth_token=${token}`])
    const question = `${OWN}/oauth1/authorization?request=${token}`
    expect((await ada.get(question)).body.question).toEqual({
      name: 'CI',
      description: '',
      workspace: 'ada',
      scopes,
      leads_to: 'ci.example.com',
      loopback: false,
    })
    const { redirect } = (await ada.post(`${OWN}/oauth1/authorization`, { request: token, allow: true })).body
    const back = new URL(redirect)
    expect(back.origin + back.pathname).toBe('https://ci.example.com/cb')
    const came = Object.fromEntries(back.searchParams)
    expect(came).toEqual({
      from: 'us',
      redirect_state: 'a b',
      oauth_token: token,
      oauth_verifier: expect.stringMatching(/^\d{10}$/),
    })
    expect((await ada.get(question)).status).toBe(404)
    const [access, accessSecret] = await called<[string, string]>((done) =>
      library.getOAuthAccessToken(token, secret, came['oauth_verifier'] ?? '', done),
    )
    const get = async (path: string) =>
      JSON.parse((await called<[string]>((done) => library.get(site.server.url + path, access, accessSecret, done)))[0])
    expect((await get('/2.0/user')).username).toBe('ada')
    const query = `q=${encodeURIComponent('name ~ "shop" AND slug != "a+b & c"')}&sort=-created_on&pagelen=5`
    expect((await get(`/2.0/repositories/ada?${query}`)).values[0].name).toBe('shop')
    expect((await get(`${SHOP}/src/main/README%2Emd?format=meta`)).path).toBe('README.md')
    const description = "a & b=c + 100% ünïcode ~!*()'"
    const form = { description, fields: '' }
    const at = `${site.server.url}/2.0/repositories/ada/signed`
    await called((done) => library.post(at, access, accessSecret, form, 'application/x-www-form-urlencoded', done))
    expect((await ada.get('/2.0/repositories/ada/signed')).body.description).toBe(description)
    await called((done) => library.delete(at, access, accessSecret, done))
    expect((await ada.get('/2.0/repositories/ada/signed')).status).toBe(404)
  })

  it('gives the verifier to the person where no browser can lead back', async () => {
    const consumer = await register()
    const library = libraryOf(site.server, consumer, 'oob')
    const [token, secret] = await called<[string, string]>((done) => library.getOAuthRequestToken(done))
    const asked = await bob.get(`${OWN}/oauth1/authorization?request=${token}`)
    expect(asked.body.question).toMatchObject({ leads_to: null, loopback: false })
    const said = await bob.post(`${OWN}/oauth1/authorization`, { request: token, allow: true })
    expect(said.body).toEqual({ verifier: expect.stringMatching(/^\d{10}$/) })
    const [access, accessSecret] = await called<[string, string]>((done) =>
      library.getOAuthAccessToken(token, secret, said.body.verifier, done),
    )
    const me = await send(keysOf(consumer, { oauth_token: access, oauth_token_secret: accessSecret }), '/2.0/user')
    expect(me.json.username).toBe('bob')
    const other = answered((await asks(consumer, 'oob')).text)['oauth_token']
    const no = await bob.post(`${OWN}/oauth1/authorization`, { request: other, allow: false })
    expect(no.body).toEqual({ verifier: null })
  })
})

describe('what a person is asked', () => {
  it('leads to the address of the consumer alone, or to nowhere', async () => {
    const consumer = await register()
    for (const callback of [
      'https://evil.test/cb?from=us',
      'https://ci.example.com/cb',
      'https://ci.example.com/cb?from=them',
      'https://ci.example.com/cb?from=us&from=them',
      'https://ci.example.com/cb/more?from=us',
      'https://ci.example.com:444/cb?from=us',
      `${CALLBACK}#x`,
      'javascript:alert(1)',
      '',
    ]) {
      const refused = await asks(consumer, callback)
      expect([refused.status, refused.text], callback).toEqual([400, expect.stringContaining('oauth_callback')])
    }
    const silent = await send(keysOf(consumer), '/api/1.0/oauth/request_token', { header: { oauth_token: undefined } })
    expect(silent.status).toBe(200)
    const app = await register({ callback_url: 'http://127.0.0.1/cb' })
    expect((await asks(app, 'http://127.0.0.1:49152/cb?dump')).status).toBe(200)
  })

  it('is answered once, by a person in our own page, who may say no', async () => {
    const consumer = await register()
    const request = answered((await asks(consumer)).text)['oauth_token'] ?? ''
    const at = `${OWN}/oauth1/authorization`
    const yes = { request, allow: true }
    expect((await client(site.server).get(`${at}?request=${request}`)).status).toBe(401)
    expect((await bob.call('POST', at, yes, { 'X-CSRF-Token': 'wrong' })).status).toBe(403)
    const program = await letIn(bob, consumer)
    expect((await send(program, `${at}?request=${request}`)).status).toBe(403)
    const no = new URL((await bob.post(at, { request, allow: false })).body.redirect).searchParams
    expect(Object.fromEntries(no)).toEqual({ from: 'us', oauth_token: request, oauth_problem: 'user_refused' })
    expect((await bob.post(at, yes)).status).toBe(404)
    const twice = (await allowed(bob, consumer)).keys.token
    expect((await ada.post(at, { request: twice, allow: true })).status).toBe(404)
  })
})

const told = async (keys: Keys, verifier: string): Promise<[number, string]> => {
  const { status, json } = await exchange(keys, verifier)
  return [status, json?.error?.detail ?? '']
}

describe('tokens', () => {
  it('need the verifier, which is tried once; a request token is exchanged once and holds for minutes', async () => {
    const consumer = await register()
    const early = keysOf(consumer, answered((await asks(consumer)).text))
    expect(await told(early, '0123456789')).toEqual([401, expect.stringContaining('Nobody has allowed')])
    const none = await send(early, '/api/1.0/oauth/access_token', { method: 'POST' })
    expect([none.status, none.text]).toEqual([400, expect.stringContaining('oauth_verifier')])

    const { keys, verifier } = await allowed(bob, consumer)
    expect(await told(keys, verifier === '0000000000' ? '1' : '0000000000')).toEqual([
      401,
      expect.stringContaining('verifier is wrong'),
    ])
    expect(await told(keys, verifier)).toEqual([401, expect.stringContaining('used before')])

    const second = await allowed(bob, consumer)
    const stranger = await register()
    expect(await told({ ...second.keys, key: stranger.key, secret: stranger.secret }, second.verifier)).toEqual([
      401,
      expect.stringContaining('not known'),
    ])
    const all = await Promise.all(Array.from({ length: 6 }, () => exchange(second.keys, second.verifier)))
    expect(all.filter(({ status }) => status === 200).length).toBe(1)

    const third = await allowed(bob, consumer)
    change("update oauth1_requests set expires_at = '2020-01-01T00:00:00.000Z'")
    expect(await told(third.keys, third.verifier)).toEqual([401, expect.stringContaining('has expired')])
    const late = answered((await asks(consumer)).text)['oauth_token'] ?? ''
    change("update oauth1_requests set expires_at = '2020-01-01T00:00:00.000Z'")
    expect((await bob.get(`${OWN}/oauth1/authorization?request=${late}`)).status).toBe(404)
  })

  it('have the scopes that the consumer had, and are no bearer tokens', async () => {
    const reader = await letIn(bob, await register({ scopes: ['repository'] }))
    expect((await send(reader, SHOP)).status).toBe(200)
    expect((await send(reader, '/2.0/user')).text).toContain('lacks the scope account')
    const write = { method: 'POST', form: { name: 'signed', target: 'x' } }
    expect((await send(reader, `${SHOP}/refs/branches`, write)).text).toContain('lacks the scope repository:write')
    expect((await send(reader, `${OWN}/app-passwords`)).status).toBe(403)
    for (const secret of [reader.token, reader.tokenSecret]) {
      const bearer = client(site.server, { Authorization: `Bearer ${secret}` })
      expect((await bearer.get(SHOP)).status).toBe(401)
    }
  })

  it('are in no table, and no other secret is', async () => {
    const consumer = await register()
    const { keys } = await allowed(bob, consumer)
    const access = await letIn(bob, consumer)
    expect((await send(access, SHOP)).status).toBe(200)
    const stored = ['oauth_consumers', 'oauth_grants', 'oauth1_requests', 'oauth1_tokens', 'oauth1_nonces']
      .map((table) => JSON.stringify(rows(site.server, `select * from ${table}`)))
      .join()
    for (const secret of [consumer.secret, keys.token, keys.tokenSecret, access.token, access.tokenSecret])
      expect(stored).not.toContain(secret)
  })
})

function change(sql: string): void {
  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
  db.prepare(sql).run()
  db.close()
}

describe('a signed request', () => {
  it('is refused with the reason for everything that is wrong with it', async () => {
    const consumer = await register()
    const keys = await letIn(bob, consumer)
    const seconds = Math.floor(Date.now() / 1000)
    const at = (off: number) => ({ header: { oauth_timestamp: String(seconds + off) } })
    const cases: [Keys, Parameters<typeof send>[2], number, string][] = [
      [{ ...keys, tokenSecret: 'wrong' }, {}, 401, 'oauth_signature is wrong'],
      [{ ...keys, secret: 'wrong' }, {}, 401, 'oauth_signature is wrong'],
      [keys, { header: { oauth_signature: 'x' } }, 401, 'oauth_signature is wrong'],
      [keys, { url: 'https://bitbucket.org/2.0/repositories/ada/shop' }, 401, 'oauth_signature is wrong'],
      [keys, { url: `${site.server.url}${SHOP}?fields=name` }, 401, 'oauth_signature is wrong'],
      [
        keys,
        { headers: { 'X-Forwarded-Proto': 'https' }, url: `https://127.0.0.1:${site.server.port}${SHOP}` },
        401,
        'wrong',
      ],
      [keys, at(-400), 401, 'minutes off'],
      [keys, at(400), 401, 'minutes off'],
      [{ ...keys, token: 'nobody' }, {}, 401, 'oauth_token is not known'],
      [{ ...keys, key: 'nobody' }, {}, 401, 'oauth_token is not known'],
      [{ ...keys, ...(await register()) }, {}, 401, 'oauth_token is not known'],
      [keys, { header: { oauth_token: undefined } }, 401, 'oauth_token is not known'],
      [
        keys,
        { header: { oauth_signature_method: 'PLAINTEXT', oauth_signature: `${keys.secret}&${keys.tokenSecret}` } },
        400,
        'PLAINTEXT',
      ],
      [keys, { header: { oauth_nonce: undefined } }, 400, 'oauth_nonce is missing'],
    ]
    for (const [by, wish, status, words] of cases) {
      const refused = await send(by, SHOP, wish)
      expect([refused.status, refused.text], words).toEqual([status, expect.stringContaining(words)])
    }
    for (const header of ['OAuth', 'OAuth nonsense', 'OAuth oauth_nonce="%zz"'])
      expect((await raw(site.server, { path: SHOP, headers: { Authorization: header } })).status).toBe(400)
    for (const off of [-250, 250]) expect((await send(keys, SHOP, at(off))).status).toBe(200)
    const app = await register({ confidential: false, callback_url: 'http://127.0.0.1/' })
    expect((await asks({ ...app, secret: '' }, 'oob')).text).toContain('has no secret')
  })

  it('counts for one request, whichever process gets it, also after the server was started again', async () => {
    const keys = await letIn(bob, await register())
    const Authorization = signedHeader(keys, { url: site.server.url + SHOP })
    const again = (i: number) => raw(site.server, { path: SHOP, headers: { Authorization }, from: `127.3.0.${i + 1}` })
    const all = await Promise.all(Array.from({ length: 16 }, (_none, i) => again(i)))
    expect(all.filter(({ status }) => status === 200).length).toBe(1)
    expect(all.filter(({ text }) => text.includes('nonce was used before')).length).toBe(15)
    expect(new Set(all.map(({ headers }) => headers['x-served-by'])).size).toBe(2)
    const nonce = { header: { oauth_nonce: 'the same', oauth_timestamp: String(Math.floor(Date.now() / 1000)) } }
    expect((await send(keys, SHOP, nonce)).status).toBe(200)
    expect((await send(keys, `${SHOP}?fields=name`, nonce)).status).toBe(401)
    // Of another token it is another one, and a wrong signature uses up none.
    const other = await letIn(ada, await register())
    expect((await send({ ...other, tokenSecret: 'x' }, SHOP, nonce)).text).toContain('signature is wrong')
    expect((await send(other, SHOP, nonce)).status).toBe(200)

    await site.server.stop()
    await startAgain(site, { ...site.env, GITSTEAD_TRUSTED_PROXY: '127.0.0.1, 127.2.0.0/16' })
    ada = await signIn(site.server)
    bob = await signIn(site.server, 'bob', 'bob has a password')
    const same = { ...nonce, headers: { Host: new URL(site.server.url).host } }
    expect((await send(keys, SHOP, same)).text).toContain('nonce was used before')

    // Behind a trusted proxy the address is the one that the client has in mind, by its word on the scheme.
    const proxied = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '10.9.8.7', Host: 'localhost' }
    const outside = { headers: proxied, url: `https://localhost${SHOP}` }
    expect((await send(keys, SHOP, outside)).status).toBe(200)
    expect((await send(keys, SHOP, { ...outside, url: `http://localhost${SHOP}` })).status).toBe(401)
    const forged = { ...proxied, 'X-Forwarded-Host': 'evil.test' }
    expect((await send(keys, SHOP, { headers: forged, url: `https://evil.test${SHOP}` })).status).toBe(401)
  })

  it('can be one of git’s as well', async () => {
    const keys = await letIn(bob, await register())
    const url = `${site.server.url}/ada/shop.git/info/refs?service=git-upload-pack`
    const header = `http.extraHeader=Authorization: ${signedHeader(keys, { url })}`
    const listed = await tryGit(work, [
      '-c',
      header,
      '-c',
      'protocol.version=0',
      'ls-remote',
      `${site.server.url}/ada/shop.git`,
    ])
    expect(listed.code, listed.stderr).toBe(0)
  })
})

/** From many addresses at once, so that both processes are asked. */
async function everywhere(keys: Keys): Promise<number[]> {
  const all = await Promise.all(Array.from({ length: 12 }, () => send(keys, SHOP)))
  expect(new Set(all.map(({ headers }) => headers['x-served-by'])).size).toBe(2)
  return [...new Set(all.map(({ status }) => status))]
}

describe('what was allowed ends', () => {
  it('by the person, on the page Applications', async () => {
    const consumer = await register({ name: 'Mine' })
    const keys = await letIn(bob, consumer)
    const second = await letIn(bob, consumer)
    const open = await allowed(bob, consumer)
    expect(await everywhere(keys)).toEqual([200])
    const mine = async (): Promise<{ name: string }[]> =>
      (await bob.get(`${OWN}/oauth/grants`)).body.values.filter((one: { name: string }) => one.name === 'Mine')
    // When it was used last is written a little later.
    await expect
      .poll(mine)
      .toMatchObject([
        { id: consumer.id, workspace: 'ada', scopes: ['repository', 'account'], last_used_on: expect.any(String) },
      ])
    expect((await bob.delete(`${OWN}/oauth/grants/${consumer.id}`)).status).toBe(204)
    expect(await everywhere(keys)).toEqual([401])
    expect(await everywhere(second)).toEqual([401])
    expect((await exchange(open.keys, open.verifier)).status).toBe(401)
  })

  it('with the setting, the consumer, its secret, or time', async () => {
    const consumer = await register()
    const keys = await letIn(bob, consumer)
    await switchTo(false)
    expect(await everywhere(keys)).toEqual([403])
    const words = expect.stringContaining('OAuth 1.0a is switched off on this server.')
    const off = [
      await send(keys, SHOP),
      await asks(consumer),
      await exchange(keys, '0'),
      await raw(site.server, { path: '/api/1.0/oauth/request_token' }),
    ]
    expect(off.map(({ status, text }) => [status, text])).toEqual(off.map(() => [403, words]))
    expect((await bob.get(`${OWN}/oauth1/authorization?request=x`)).text).toEqual(words)
    await switchTo(true)
    expect(await everywhere(keys)).toEqual([200])

    const at = `${OWN}/workspaces/ada/oauth-consumers/${consumer.id}`
    const { secret } = (await ada.post(`${at}/secret`)).body
    expect((await send(keys, SHOP)).text).toContain('signature is wrong')
    expect((await send({ ...keys, secret }, SHOP)).status).toBe(200)
    change("update oauth_grants set last_used_at = '2020-01-01T00:00:00.000Z'")
    expect((await send({ ...keys, secret }, SHOP)).text).toContain('it has ended')
    change(`update oauth_grants set last_used_at = '${new Date().toISOString()}'`)
    expect((await ada.delete(at)).status).toBe(204)
    expect(await everywhere({ ...keys, secret })).toEqual([401])
  })

  it('while the account is disabled', async () => {
    const consumer = await register()
    const keys = await letIn(bob, consumer)
    const open = await allowed(bob, consumer)
    await ada.patch(`${OWN}/people/bob`, { state: 'disabled' })
    expect(await everywhere(keys)).toEqual([401])
    expect((await exchange(open.keys, open.verifier)).text).toContain('The account is disabled.')
    await ada.patch(`${OWN}/people/bob`, { state: 'active' })
    expect(await everywhere(keys)).toEqual([200])
    bob = await signIn(site.server, 'bob', 'bob has a password')
  })

  it('in the tables too, once time has ended it, and nothing else does', async () => {
    const [idle, used, fresh] = [await register(), await register(), await register()]
    await letIn(ada, idle)
    const keys = await letIn(ada, used)
    const unused = await letIn(ada, fresh)
    expect((await send(keys, SHOP)).status).toBe(200)
    await asks(idle)
    const old = new Date(Date.now() - 91 * 86_400_000).toISOString()
    change(`update oauth_grants set created_at = '${old}' where consumer_id in ('${idle.id}', '${used.id}')`)
    change(`update oauth1_requests set expires_at = '${old}'`)
    change(`update timetable set next_at = '${old}' where name = 'prune'`)
    await ada.post('/2.0/repositories/ada/wakes-the-runner')
    const grants = (of: Consumer) => rows(site.server, 'select id from oauth_grants where consumer_id = ?', of.id)
    expect(await eventually(() => grants(idle).length === 0, 30_000)).toBe(true)
    expect([grants(used).length, grants(fresh).length]).toEqual([1, 1])
    expect(rows(site.server, 'select hash from oauth1_requests')).toEqual([])
    expect([(await send(keys, SHOP)).status, (await send(unused, SHOP)).status]).toEqual([200, 200])
  })

  it('with a new password that ends all that had been given away', async () => {
    const consumer = await register()
    const keys = await letIn(bob, consumer)
    const open = await allowed(bob, consumer)
    const code = { response_type: 'code', client_id: consumer.key, allow: true }
    const { redirect } = (await bob.post(`${OWN}/oauth/authorization`, code)).body
    const change = { current: 'bob has a password', password: 'bob has another', revoke_app_passwords: true }
    expect((await bob.put(`${OWN}/password`, change)).status).toBeLessThan(300)
    expect(await everywhere(keys)).toEqual([401])
    expect((await exchange(open.keys, open.verifier)).status).toBe(401)
    const form = { grant_type: 'authorization_code', client_id: consumer.key, client_secret: consumer.secret }
    const body = new URLSearchParams({ ...form, code: new URL(redirect).searchParams.get('code') ?? '' })
    const got = await fetch(`${site.server.url}/site/oauth2/access_token`, { method: 'POST', body })
    expect(await got.json()).toMatchObject({ error: 'invalid_grant' })
  })
})
