// Sessions of browsers: how their cookie is made, and that nothing keeps one alive that has ended.
import { request } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, client, signIn, teammate } from '../helpers/client.ts'
import { git, makeWork, withLogin } from '../helpers/git.ts'
import { raw, type RawAnswer } from '../helpers/raw.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'

let server: Server
let dir: string
let ada: Client

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/web', {})
  await makeWork(join(dir, 'work'))
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

function signInRaw(name: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return raw(server, {
    method: 'POST',
    path: `${OWN}/session`,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ username: name, password: `${name} has a password` }),
  })
}

const secretOf = (answer: RawAnswer): string =>
  /gitstead_session=([^;]*)/.exec(String(answer.headers['set-cookie']))?.[1] ?? ''
const withCookie = (secret: string): Record<string, string> => ({ Cookie: `gitstead_session=${secret}` })
const statusWith = async (secret: string): Promise<number> =>
  (await raw(server, { path: '/2.0/user', headers: withCookie(secret) })).status

describe('the cookie', () => {
  it('is out of reach of scripts and of other sites, random, and stored as a hash only', async () => {
    await teammate(server, ada, { name: 'bob' })
    const answer = await signInRaw('bob')
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(/; HttpOnly/)
    expect(cookie).toMatch(/; SameSite=(Lax|Strict)/)
    expect(cookie).toMatch(/; Path=\//)
    expect(cookie).not.toMatch(/Domain=/i)
    expect(secretOf(answer).length).toBeGreaterThanOrEqual(43)
    expect(JSON.stringify(rows(server, 'select * from sessions'))).not.toContain(secretOf(answer))
    expect(answer.text).not.toContain(secretOf(answer))
  })

  it('is new with every sign-in; one that somebody planted is not taken up, one that was there before ends', async () => {
    await teammate(server, ada, { name: 'cleo' })
    const planted = 'x'.repeat(43)
    const signed = await signInRaw('cleo', withCookie(planted))
    const first = secretOf(signed)
    expect(first).not.toBe(planted)
    expect(await statusWith(planted)).toBe(401)
    expect(await statusWith(first)).toBe(200)
    const second = secretOf(await signInRaw('cleo', { ...withCookie(first), 'X-CSRF-Token': signed.json.csrf }))
    expect(second).not.toBe('')
    expect(second).not.toBe(first)
    expect(await statusWith(first)).toBe(401)
    expect(await statusWith(second)).toBe(200)
  })

  it('opens nothing when it is forged, cut, doubled or sent as something else', async () => {
    const hashes = rows(server, 'select id from sessions').map((row) => String(row['id']))
    for (const secret of ['', ' ', 'a', ...hashes, '%00', '"', '../', 'gitstead_session=', 'null'])
      expect(await statusWith(secret), secret).toBe(401)
    const good = secretOf(await signInRaw('bob'))
    expect((await raw(server, { path: '/2.0/user', headers: { Authorization: `Bearer ${good}` } })).status).toBe(401)
    expect((await raw(server, { path: '/2.0/user', headers: basic('bob', good) })).status).toBe(401)
  })
})

const two = async (name: string): Promise<[Client, string, string]> => {
  await teammate(server, ada, { name })
  const [one, other] = [await signInRaw(name), await signInRaw(name)]
  const browser = client(server, { ...withCookie(secretOf(one)), 'X-CSRF-Token': one.json.csrf })
  return [browser, secretOf(one), secretOf(other)]
}

describe('a session is refused on the very next request', () => {
  it('after signing out, and the others stay', async () => {
    const [browser, own, other] = await two('dan')
    expect((await browser.delete(`${OWN}/session`)).status).toBe(204)
    expect([await statusWith(own), await statusWith(other)]).toEqual([401, 200])
  })

  it('after it was revoked from another browser, and only by its owner', async () => {
    const [browser, own, other] = await two('eve')
    const listed = (await browser.get(`${OWN}/sessions`)).body.values
    const [target] = listed.filter((entry: { current: boolean }) => !entry.current).slice(-2)
    expect((await ada.delete(`${OWN}/sessions/${target.id}`)).status).toBe(404)
    for (const entry of listed.filter(({ current }: { current: boolean }) => !current))
      expect((await browser.delete(`${OWN}/sessions/${entry.id}`)).status).toBe(204)
    expect([await statusWith(own), await statusWith(other)]).toEqual([200, 401])
  })

  it('after the password was changed elsewhere, and app passwords end with it when asked', async () => {
    const [browser, own, other] = await two('fay')
    const made = await browser.post(`${OWN}/app-passwords`, { label: 'x', scopes: ['account'] })
    const token = client(server, { Authorization: `Bearer ${made.body.secret}` })
    const change = { current: 'fay has a password', password: 'fay has a new one' }
    expect((await browser.put(`${OWN}/password`, { ...change, current: 'wrong' })).status).toBe(400)
    expect((await browser.put(`${OWN}/password`, change)).status).toBe(204)
    expect([await statusWith(own), await statusWith(other)]).toEqual([200, 401])
    expect((await token.get('/2.0/user')).status).toBe(200)
    const again = { current: change.password, password: 'fay has a third one', revoke_app_passwords: true }
    expect((await browser.put(`${OWN}/password`, again)).status).toBe(204)
    expect((await token.get('/2.0/user')).status).toBe(401)
    expect((await client(server, basic('fay', change.password)).get('/2.0/user')).status).toBe(401)
  })

  it('after the account was disabled, and does not come back with it', async () => {
    const [, own, other] = await two('gus')
    await ada.patch(`${OWN}/people/gus`, { state: 'disabled' })
    expect([await statusWith(own), await statusWith(other)]).toEqual([401, 401])
    await ada.patch(`${OWN}/people/gus`, { state: 'active' })
    expect([await statusWith(own), await statusWith(other)]).toEqual([401, 401])
  })

  it('after its time', async () => {
    const [, own] = await two('hal')
    const db = new Database(join(server.data, 'gitstead.db'))
    db.prepare("update sessions set expires_at = ? where user_id = (select id from users where name = 'hal')").run(
      new Date(Date.now() - 1000).toISOString(),
    )
    db.close()
    expect(await statusWith(own)).toBe(401)
  })

  it('as an admin when the admin is one no longer', async () => {
    const ida = await teammate(server, ada, { name: 'ida' })
    await ada.patch(`${OWN}/people/ida`, { is_admin: true })
    expect((await ida.get(`${OWN}/people`)).status).toBe(200)
    await ada.patch(`${OWN}/people/ida`, { is_admin: false })
    expect((await ida.get(`${OWN}/people`)).status).toBe(403)
  })
})

const until = async (test: () => boolean): Promise<void> => {
  for (let i = 0; i < 100 && !test(); i++) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** Opens the live stream; gives all it got, once it ended or the time is over. */
const listen = async (
  headers: Record<string, string>,
): Promise<{ got: () => string; ended: () => boolean; stop: () => void }> => {
  let text = ''
  let over = false
  const call = request({ host: '127.0.0.1', port: server.port, path: `${OWN}/live?repository=ada/web`, headers })
  call.on('error', () => (over = true))
  call.end()
  await new Promise<void>((resolve, reject) => {
    call.on('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${response.statusCode}`))
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => (over = true))
      response.on('error', () => (over = true))
      resolve()
    })
  })
  return { got: () => text, ended: () => over, stop: () => call.destroy() }
}

describe('a page that listens', () => {
  let pushes = 0
  const push = async (): Promise<void> => {
    const url = withLogin(`${server.url}/ada/web.git`, 'ada', 'correct horse battery')
    await git(join(dir, 'work'), ['push', '-q', url, `main:refs/heads/live-${++pushes}`])
  }

  const ends: [string, (browser: Client) => Promise<unknown>][] = [
    ['is revoked', (browser) => browser.delete(`${OWN}/session`)],
    ['loses its account', () => ada.patch(`${OWN}/people/live-1`, { state: 'disabled' })],
    ['loses its permission', () => ada.delete('/2.0/repositories/ada/web/permissions-config/users/live-2')],
    ['is of an admin no longer', () => ada.patch(`${OWN}/people/live-3`, { is_admin: false })],
  ]
  it.each(ends.map(([name, end], i) => [name, end, i] as const))(
    'hears nothing more when its session %s',
    async (_name, end, i) => {
      const name = `live-${i}`
      const admin = i === 3
      await teammate(server, ada, { name, grants: admin ? [] : [{ repository: 'ada/web', permission: 'read' }] })
      if (admin) await ada.patch(`${OWN}/people/${name}`, { is_admin: true })
      const signed = await signInRaw(name)
      const browser = client(server, { ...withCookie(secretOf(signed)), 'X-CSRF-Token': signed.json.csrf })
      const page = await listen(withCookie(secretOf(signed)))
      await push()
      await until(() => page.got().includes('event: push'))
      expect(page.got()).toContain('event: push')
      const before = page.got()
      await end(browser)
      await push()
      await until(() => page.ended())
      page.stop()
      expect(page.ended()).toBe(true)
      expect(page.got()).toBe(before)
    },
  )
})
