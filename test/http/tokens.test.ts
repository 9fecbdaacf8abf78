// Time-limited tokens: made, carried, renewed until they are too old, revoked, and signed by keys that change.
import { createHmac, hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, client, type Client, signIn, teammate } from '../helpers/client.ts'
import { tryGit, withLogin } from '../helpers/git.ts'
import { ADMIN, gitstead } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
let site: Site
let ada: Client
let bob: Client
let work: string

beforeAll(async () => {
  site = await openSite()
  ;({ ada, work } = await makeRepository(site, 'private'))
  bob = await teammate(site.server, ada, {
    name: 'bob',
    grants: [{ repository: 'ada/private', permission: 'write' }],
  })
})
afterAll(() => closeSite(site))

interface Made {
  id: string
  secret: string
  expires_on: string
}

async function make(by: Client, wanted: Record<string, unknown> = {}): Promise<Made> {
  const answer = await by.post(`${OWN}/tokens`, { label: 'test', scopes: ['repository'], ...wanted })
  expect(answer.status, answer.text).toBe(201)
  return answer.body as Made
}

const bearer = (secret: string): Client => client(site.server, { Authorization: `Bearer ${secret}` })
const read = async (secret: string): Promise<number> =>
  (await bearer(secret).get('/2.0/repositories/ada/private')).status

function change(sql: string, ...values: unknown[]): void {
  const db = new Database(join(site.data, 'gitstead.db'), { timeout: 5000 })
  db.prepare(sql).run(...values)
  db.close()
}

describe('a time-limited token', () => {
  it('opens what its scopes say, as Bearer and as password of x-token-auth and of its owner', async () => {
    const { secret } = await make(ada)
    expect(secret).toMatch(/^gst_[\w-]+\.[\w-]{43}$/)
    expect(await read(secret)).toBe(200)
    expect((await bearer(secret).delete('/2.0/repositories/ada/private')).status).toBe(403)
    for (const name of ['x-token-auth', 'ada']) {
      const remote = withLogin(`${site.server.url}/ada/private.git`, name, secret)
      expect((await tryGit(work, ['ls-remote', remote])).code).toBe(0)
      expect((await tryGit(work, ['push', remote, 'main'])).stderr).toMatch(/lacks the scope repository:write/)
    }
    const other = await client(site.server, basic('bob', secret)).get('/2.0/repositories/ada/private')
    expect(other.status).toBe(401)
  })

  it('is nothing in an address', async () => {
    const { secret } = await make(ada)
    const answer = await client(site.server).get(`/2.0/repositories/ada/private?access_token=${secret}`)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('never taken from an address')
    expect(answer.text).not.toContain(secret)
    const git = `${site.server.url}/ada/private.git/info/refs?service=git-upload-pack&access_token=${secret}`
    expect((await fetch(git)).status).toBe(400)
  })

  it('opens one repository and nothing else where it was made for one', async () => {
    await ada.post('/2.0/repositories/ada/other')
    const { secret } = await make(ada, { repository: 'ada/private', scopes: ['repository', 'account'] })
    expect(await read(secret)).toBe(200)
    expect((await bearer(secret).get('/2.0/repositories/ada/other')).status).toBe(404)
    expect((await bearer(secret).get('/2.0/user')).status).toBe(403)
    expect((await ada.post(`${OWN}/tokens`, { label: 'x', scopes: ['repository'], repository: 'ada/no' })).status).toBe(
      400,
    )
  })

  it('ends by itself', async () => {
    const { secret } = await make(ada, { life: 60 })
    expect(await read(secret)).toBe(200)
    const [, payload = ''] = /^gst_(.*)\./.exec(secret) ?? []
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { kid: string; expires: number }
    expect(claims.expires * 1000).toBeLessThanOrEqual(Date.now() + 60_000)
    // Signed by our own key, but for the past: the key of the installation is what it takes.
    const key = createHmac('sha256', readFileSync(join(site.data, 'secret.key')))
      .update(`token-key\0${claims.kid}`)
      .digest()
    const sign = (value: unknown): string => {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url')
      return `gst_${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
    }
    expect(await read(sign(claims))).toBe(200)
    expect(await read(sign({ ...claims, expires: Math.floor(Date.now() / 1000) - 1 }))).toBe(401)
    expect(await read(sign({ ...claims, user: 'somebody-else' }))).toBe(401)
    expect(await read(sign({ ...claims, jti: 'never-made' }))).toBe(401)
  })

  it('is stored nowhere, and a copy of the database cannot sign one', async () => {
    const { secret } = await make(ada)
    const stored =
      JSON.stringify(rows(site.server, 'select * from signed_tokens')) +
      JSON.stringify(rows(site.server, 'select * from token_keys'))
    for (const text of [secret, secret.split('.')[1] ?? '', hash('sha256', secret, 'hex')])
      expect(stored).not.toContain(text)
  })

  it('renews itself until it is too old, and no other kind of caller renews it', async () => {
    const first = await make(ada, { life: 600, repository: 'ada/private' })
    const second = (await bearer(first.secret).post(`${OWN}/tokens/renew`)).body as Made
    expect(second.id).toBe(first.id)
    expect(await read(second.secret)).toBe(200)
    // Whoever works with the old text is not cut off.
    expect(await read(first.secret)).toBe(200)
    expect((await ada.post(`${OWN}/tokens/renew`)).status).toBe(403)
    expect((await client(site.server).post(`${OWN}/tokens/renew`)).status).toBe(401)

    const soon = new Date(Date.now() + 1000_000).toISOString()
    change('update signed_tokens set ends_at = ?, life = 3600 where jti = ?', soon, first.id)
    const last = await bearer(second.secret).post(`${OWN}/tokens/renew`)
    expect(last.body.expires_on).toBe(soon)
    const refused = await bearer(last.body.secret).post(`${OWN}/tokens/renew`)
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('90 days')
  })

  it('ends on the next request when it is revoked, with all its renewals', async () => {
    const first = await make(ada)
    const renewed = (await bearer(first.secret).post(`${OWN}/tokens/renew`)).body as Made
    expect((await bob.delete(`${OWN}/tokens/${first.id}`)).status).toBe(404)
    expect(await read(renewed.secret)).toBe(200)
    expect((await ada.delete(`${OWN}/tokens/${first.id}`)).status).toBe(204)
    expect([await read(first.secret), await read(renewed.secret)]).toEqual([401, 401])
    expect((await bearer(renewed.secret).post(`${OWN}/tokens/renew`)).status).toBe(401)
  })

  it('ends with all others of the account, and with no other account’s', async () => {
    const [one, two, theirs] = [await make(ada), await make(ada), await make(bob)]
    const [{ token_epoch: before } = {}] = rows(site.server, "select token_epoch from users where name = 'ada'")
    expect((await ada.delete(`${OWN}/tokens`)).status).toBe(204)
    expect([await read(one.secret), await read(two.secret), await read(theirs.secret)]).toEqual([401, 401, 200])
    expect((await ada.get(`${OWN}/tokens`)).body.values).toEqual([])
    // Even if the row came back out of a backup, the epoch stands against it.
    expect(rows(site.server, "select token_epoch from users where name = 'ada'")).toEqual([
      { token_epoch: Number(before) + 1 },
    ])
  })

  it('goes with the rights and the account of its owner', async () => {
    const { secret } = await make(bob)
    expect(await read(secret)).toBe(200)
    await ada.delete('/2.0/repositories/ada/private/permissions-config/users/bob')
    expect(await read(secret)).toBe(404)
    await ada.put('/2.0/repositories/ada/private/permissions-config/users/bob', { permission: 'write' })
    expect(await read(secret)).toBe(200)
    await ada.patch(`${OWN}/people/bob`, { state: 'disabled' })
    expect(await read(secret)).toBe(401)
    await ada.patch(`${OWN}/people/bob`, { state: 'active' })
    bob = await signIn(site.server, 'bob', 'bob has a password')
    const changed = { current: 'bob has a password', password: 'bob has another one', revoke_app_passwords: true }
    expect((await bob.put(`${OWN}/password`, changed)).status).toBe(204)
    expect(await read(secret)).toBe(401)
  })

  it('is made and revoked in a browser only, within its bounds', async () => {
    const { secret, id } = await make(ada, { scopes: ['account:write', 'repository:admin'] })
    expect((await bearer(secret).post(`${OWN}/tokens`, { label: 'x', scopes: ['repository'] })).status).toBe(403)
    expect((await bearer(secret).delete(`${OWN}/tokens/${id}`)).status).toBe(403)
    for (const wrong of [{ life: 5 }, { life: 31 * 86_400 }, { scopes: [] }, { scopes: ['all'] }, { label: '' }])
      expect((await ada.post(`${OWN}/tokens`, { label: 'x', scopes: ['repository'], ...wrong })).status).toBe(400)
  })

  it('works where passwords do not', async () => {
    const { secret } = await make(ada)
    await ada.put(`${OWN}/settings`, { basic_passwords: false })
    const at = '/2.0/repositories/ada/private'
    const byPassword = await client(site.server, basic(ADMIN.name, ADMIN.password)).get(at)
    expect(byPassword.status).toBe(401)
    expect(byPassword.text).toContain('takes no passwords here')
    const git = await tryGit(work, [
      'ls-remote',
      withLogin(`${site.server.url}/ada/private.git`, 'ada', ADMIN.password),
    ])
    expect(git.stderr).toMatch(/takes no passwords here/)
    expect(await read(secret)).toBe(200)
    expect((await ada.get(at)).status).toBe(200)
    await ada.put(`${OWN}/settings`, { basic_passwords: true })
  })
})

describe('the keys', () => {
  it('change: tokens of the old one hold, and renewed ones are signed by the new', async () => {
    const old = await make(ada)
    const [before] = (await ada.get(`${OWN}/token-keys`)).body.values
    expect(before.retired_on).toBeNull()
    expect((await ada.delete(`${OWN}/token-keys/${before.kid}`)).status).toBe(409)
    const rotated = await ada.post(`${OWN}/token-keys`)
    expect(rotated.status).toBe(201)
    expect(await read(old.secret)).toBe(200)
    const renewed = (await bearer(old.secret).post(`${OWN}/tokens/renew`)).body as Made
    const fresh = await make(ada)
    expect((await ada.delete(`${OWN}/token-keys/${before.kid}`)).status).toBe(204)
    expect([await read(old.secret), await read(renewed.secret), await read(fresh.secret)]).toEqual([401, 200, 200])
    expect((await ada.delete(`${OWN}/token-keys/${before.kid}`)).status).toBe(404)
  })

  it('are the admin’s alone', async () => {
    bob = await signIn(site.server, 'bob', 'bob has another one')
    expect((await bob.get(`${OWN}/token-keys`)).status).toBe(403)
    expect((await bob.post(`${OWN}/token-keys`)).status).toBe(403)
  })
})

it('is made at the shell, where a key is rotated too', async () => {
  const at = ['--data', site.data]
  const made = gitstead(['token', 'create', '--hmac', '--hours', '2', '--user', 'ada', '--scopes', 'repository', ...at])
  const secret = made.stdout.trim()
  expect(secret).toMatch(/^gst_/)
  expect(await read(secret)).toBe(200)
  expect(gitstead(['token', 'rotate-key', ...at]).stdout).toMatch(/signs from here on/)
  expect(await read(secret)).toBe(200)
  for (const wrong of [
    ['--hmac', '--days', '1'],
    ['--hours', '1'],
    ['--hmac', '--hours', '9999'],
  ])
    expect(gitstead(['token', 'create', '--user', 'ada', ...wrong, ...at]).code).not.toBe(0)
})
