// The second factor: set up, asked for, used once, replaced by recovery codes, enforced, reset, and switched off.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arm, codeOf, firstStep, secondStep } from '../helpers/authenticator.ts'
import { basic, type Client, client, signIn, teammate } from '../helpers/client.ts'
import { makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { ADMIN, gitstead, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const API = '/api/gitstead/1'
let server: Server
let ada: Client
let dir: string
let people = 0

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  dir = tempDir()
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

interface Person {
  name: string
  password: string
  client: Client
}

async function person(): Promise<Person> {
  const name = `person${++people}`
  return { name, password: `${name} has a password`, client: await teammate(server, ada, { name }) }
}

const events = (name: string): string[] =>
  rows(
    server,
    `select e.kind from events e join users u on u.id = e.actor_id where u.name = ? and e.kind like 'factor%' order by e.id`,
    name,
  ).map(({ kind }) => String(kind))

describe('switching it on', () => {
  it('needs the password, then a code; rotates the session, ends all others and shows ten codes once', async () => {
    const bob = await person()
    const elsewhere = await signIn(server, bob.name, bob.password)
    expect((await bob.client.get(`${API}/factor`)).body).toMatchObject({ state: 'off', recovery_left: 0 })
    const wrong = await bob.client.post(`${API}/factor`, { password: 'not the password' })
    expect([wrong.status, wrong.body.error.fields.password?.length]).toEqual([400, 1])
    const { body } = await bob.client.post(`${API}/factor`, { password: bob.password })
    expect(body.uri).toContain(`secret=${body.secret}`)
    const early = await bob.client.post(`${API}/factor/confirm`, { code: codeOf(body.secret, 40) })
    expect([early.status, early.body.error.fields.code?.length]).toEqual([400, 1])
    // Until a code was seen, nothing is asked for.
    expect(await signIn(server, bob.name, bob.password)).toBeDefined()

    const armed = await arm(server, bob.client, bob.password)
    expect(armed.recovery).toHaveLength(10)
    expect(new Set(armed.recovery).size).toBe(10)
    expect((await elsewhere.get('/2.0/user')).status).toBe(401)
    expect((await bob.client.get('/2.0/user')).status).toBe(401)
    expect((await armed.client.get('/2.0/user')).status).toBe(200)
    const { body: now } = await armed.client.get(`${API}/factor`)
    expect(now).toMatchObject({ state: 'on', recovery_left: 10, required: false })
    expect((await armed.client.post(`${API}/factor`, { password: bob.password })).status).toBe(409)
    expect(events(bob.name)).toEqual(['factor:on'])
  })

  it('stores neither the secret nor a recovery code as they are', async () => {
    const bob = await person()
    const { secret, recovery } = await arm(server, bob.client, bob.password)
    const stored = JSON.stringify([
      ...rows(server, 'select * from factors'),
      ...rows(server, 'select * from recovery_codes'),
    ])
    for (const plain of [secret, ...recovery, ...recovery.map((code) => code.replaceAll('-', ''))])
      expect(stored).not.toContain(plain)
  })
})

describe('signing in', () => {
  it('takes the code as a second step, and a new session in place of the one before', async () => {
    const bob = await person()
    const { secret, client: before } = await arm(server, bob.client, bob.password)
    const guest = client(server)
    const first = await guest.post(`${API}/session`, { username: bob.name, password: bob.password })
    expect([first.status, first.headers.get('set-cookie'), Object.keys(first.body)]).toEqual([
      202,
      null,
      ['second_factor'],
    ])
    const { ticket } = first.body.second_factor
    expect((await client(server, { Authorization: `Bearer ${ticket}` }).get('/2.0/user')).status).toBe(401)
    expect((await client(server, { Cookie: `gitstead_session=${ticket}` }).get('/2.0/user')).status).toBe(401)
    const wrong = await secondStep(server, ticket, '000000')
    expect([wrong.status, JSON.parse(wrong.text).error.message]).toEqual([
      401,
      'The code is wrong, or it was used already.',
    ])
    const right = await guest.post(`${API}/session/code`, { ticket, code: codeOf(secret).replace(/^.../, '$& ') })
    expect(right.status).toBe(201)
    expect(right.body.user.username).toBe(bob.name)
    // The code and the ticket are both used up.
    expect((await secondStep(server, ticket, codeOf(secret))).status).toBe(401)
    const next = await firstStep(server, bob.name, bob.password)
    expect((await secondStep(server, next, codeOf(secret))).status).toBe(401)
    expect((await before.get('/2.0/user')).status).toBe(200)
  })

  it('answers a wrong password like that of anybody else', async () => {
    const [bob, cleo] = [await person(), await person()]
    await arm(server, bob.client, bob.password)
    const guest = client(server)
    const [one, two] = await Promise.all(
      [bob, cleo].map(({ name }) => guest.post(`${API}/session`, { username: name, password: 'not the password' })),
    )
    expect([one?.status, one?.text]).toEqual([two?.status, two?.text])
  })

  it('takes the code before and after, for phones whose clock is off', async () => {
    for (const steps of [0, 1]) {
      const bob = await person()
      const { secret } = await arm(server, bob.client, bob.password)
      const ticket = await firstStep(server, bob.name, bob.password)
      expect((await secondStep(server, ticket, codeOf(secret, steps))).status).toBe(201)
    }
  })

  it('takes each recovery code once, however it is typed, and tells how many are left', async () => {
    const bob = await person()
    const armed = await arm(server, bob.client, bob.password)
    const [code = '', other = ''] = armed.recovery
    const typed = ` ${code.toUpperCase().replaceAll('-', ' ')}`
    expect((await secondStep(server, await firstStep(server, bob.name, bob.password), typed)).status).toBe(201)
    expect((await secondStep(server, await firstStep(server, bob.name, bob.password), code)).status).toBe(401)
    expect((await armed.client.get(`${API}/factor`)).body.recovery_left).toBe(9)
    const proof = { password: bob.password, code: codeOf(armed.secret) }
    const renewed = await armed.client.post(`${API}/factor/recovery-codes`, proof)
    expect([renewed.status, renewed.body.recovery_codes.length]).toEqual([201, 10])
    expect((await secondStep(server, await firstStep(server, bob.name, bob.password), other)).status).toBe(401)
    expect(events(bob.name)).toEqual([
      'factor:on',
      'factor:recovery',
      'factor:refused',
      'factor:codes',
      'factor:refused',
    ])
  })

  it('is not skipped by a reset link, and a new password ends sign-ins that wait for a code', async () => {
    const bob = await person()
    const { secret } = await arm(server, bob.client, bob.password)
    const ticket = await firstStep(server, bob.name, bob.password)
    const { body } = await ada.post(`${API}/people/${bob.name}/reset-link`)
    const token = new URL(body.url).hash.replace('#token=', '')
    const password = 'a password after the reset'
    const reset = await client(server).post(`${API}/links/${token}/reset`, { password })
    expect([reset.status, reset.headers.get('set-cookie')]).toEqual([204, null])
    expect((await secondStep(server, ticket, codeOf(secret))).status).toBe(401)
    expect((await secondStep(server, await firstStep(server, bob.name, password), codeOf(secret))).status).toBe(201)
  })

  it('ends with the account', async () => {
    const bob = await person()
    const { secret } = await arm(server, bob.client, bob.password)
    const ticket = await firstStep(server, bob.name, bob.password)
    await ada.patch(`${API}/people/${bob.name}`, { state: 'disabled' })
    expect((await secondStep(server, ticket, codeOf(secret))).status).toBe(401)
  })

  it('takes texts only', async () => {
    const guest = client(server)
    for (const bad of [['1'], { $ne: '' }, 1, true, null]) {
      expect((await guest.post(`${API}/session/code`, { ticket: bad, code: '000000' })).status).toBe(400)
      expect((await guest.post(`${API}/session/code`, { ticket: 'x', code: bad })).status).toBe(400)
      expect((await ada.post(`${API}/factor`, { password: bad })).status).toBe(400)
      expect((await ada.post(`${API}/factor/confirm`, { code: bad })).status).toBe(400)
      expect((await ada.post(`${API}/factor/off`, { password: bad, code: bad })).status).toBe(400)
      expect((await ada.post(`${API}/factor/recovery-codes`, { password: bad, code: bad })).status).toBe(400)
      expect((await ada.put(`${API}/settings`, { second_factor: bad ?? 5 })).status).toBe(400)
    }
  })
})

describe('passwords on Basic', () => {
  it('open neither git nor the API any more, and the refusal names app passwords', async () => {
    const bob = await person()
    await bob.client.post(`/2.0/repositories/${bob.name}/web`)
    const url = `${server.url}/${bob.name}/web.git`
    const work = join(dir, 'work')
    await makeWork(work)
    expect((await tryGit(work, ['ls-remote', withLogin(url, bob.name, bob.password)])).code).toBe(0)
    const armed = await arm(server, bob.client, bob.password)
    const made = await armed.client.post(`${API}/app-passwords`, {
      label: 'x',
      scopes: ['account', 'repository:write'],
    })

    const refused = await tryGit(work, ['push', withLogin(url, bob.name, bob.password), 'main'])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('Use an app password from your account page')
    const api = await client(server, basic(bob.name, bob.password)).get('/2.0/user')
    expect([api.status, api.body.error.detail]).toEqual([401, expect.stringContaining('app password')])
    // Whoever guesses learns nothing of it.
    const guess = await client(server, basic(bob.name, 'not the password')).get('/2.0/user')
    expect([guess.status, guess.text]).not.toContain('app password')

    expect((await tryGit(work, ['push', withLogin(url, bob.name, made.body.secret), 'main'])).code).toBe(0)
    expect((await client(server, basic(bob.name, made.body.secret)).get('/2.0/user')).status).toBe(200)
  })
})

describe('switching it off', () => {
  it('needs password and code, and rotates the session', async () => {
    const bob = await person()
    const armed = await arm(server, bob.client, bob.password)
    const off = (password: string, code: string) => armed.client.post(`${API}/factor/off`, { password, code })
    expect((await off('not the password', codeOf(armed.secret))).body.error.fields).toHaveProperty('password')
    expect((await off(bob.password, '000000')).body.error.fields).toHaveProperty('code')
    expect((await off(bob.password, codeOf(armed.secret))).status).toBe(200)
    expect((await armed.client.get('/2.0/user')).status).toBe(401)
    expect(await signIn(server, bob.name, bob.password)).toBeDefined()
    expect(events(bob.name)).toEqual(['factor:on', 'factor:refused', 'factor:off'])
  })

  it('is done by an admin for who has lost it, by the shell for the admin, and by nobody for themselves', async () => {
    const bob = await person()
    const armed = await arm(server, bob.client, bob.password)
    expect((await armed.client.delete(`${API}/people/${bob.name}/factor`)).status).toBe(403)
    const { values } = (await ada.get(`${API}/people`)).body
    const shown = values.find(({ username }: { username: string }) => username === bob.name)
    expect(shown.second_factor).toBe(true)
    const reset = await ada.delete(`${API}/people/${bob.name}/factor`)
    expect([reset.status, reset.body.second_factor]).toEqual([200, false])
    expect((await armed.client.get('/2.0/user')).status).toBe(401)
    expect(await signIn(server, bob.name, bob.password)).toBeDefined()
    expect((await ada.delete(`${API}/people/${bob.name}/factor`)).status).toBe(409)
    expect((await ada.delete(`${API}/people/${ADMIN.name}/factor`)).status).toBe(403)

    await arm(server, await signIn(server, bob.name, bob.password), bob.password)
    expect(gitstead(['user', 'list', '--data', server.data]).stdout).toMatch(new RegExp(`${bob.name}.*second factor`))
    const shell = gitstead(['user', 'factor-off', bob.name, '--data', server.data])
    expect([shell.code, shell.stdout]).toEqual([0, expect.stringContaining('Switched off the second factor')])
    expect(gitstead(['user', 'factor-off', bob.name, '--data', server.data]).code).toBe(1)
    expect(await signIn(server, bob.name, bob.password)).toBeDefined()
    const told = rows(server, `select actor_id, address from events where kind = 'factor:reset'`)
    expect(told.map(({ address }) => address)).toEqual(['127.0.0.1', 'shell'])
  })
})

describe('asking everybody for it', () => {
  it('leads those without one to set it up, and lets them do nothing else until then', async () => {
    const bob = await person()
    await bob.client.post(`/2.0/repositories/${bob.name}/web`, { visibility: 'public' })
    const made = await bob.client.post(`${API}/app-passwords`, { label: 'ci', scopes: ['repository'] })
    const without = await ada.put(`${API}/settings`, { second_factor: 'everybody' })
    expect([without.status, without.body.error.fields.second_factor?.length]).toEqual([400, 1])
    const admin = await arm(server, ada, ADMIN.password)
    ada = admin.client
    expect((await ada.put(`${API}/settings`, { second_factor: 'admins' })).status).toBe(200)
    expect((await bob.client.get('/2.0/user')).status).toBe(200)
    expect((await ada.put(`${API}/settings`, { second_factor: 'everybody' })).status).toBe(200)
    try {
      const { body } = await bob.client.get(`${API}/session`)
      expect([body.user.username, body.factor_owed]).toEqual([bob.name, true])
      for (const path of ['/2.0/user', `/2.0/repositories/${bob.name}/web`, `${API}/pushes`, `${API}/app-passwords`])
        expect([path, (await bob.client.get(path)).status]).toEqual([path, 403])
      expect((await bob.client.put(`${API}/profile`, { display_name: 'x' })).status).toBe(403)
      const api = await client(server, basic(bob.name, bob.password)).get('/2.0/user')
      expect([api.status, api.body.error.detail]).toEqual([401, expect.stringContaining('Set it up in the browser')])
      // What a program holds already is no password of a person: it goes on.
      const ci = client(server, basic(bob.name, made.body.secret))
      expect((await ci.get(`/2.0/repositories/${bob.name}/web`)).status).toBe(200)

      const armed = await arm(server, bob.client, bob.password)
      expect((await armed.client.get('/2.0/user')).status).toBe(200)
      expect((await armed.client.get(`${API}/session`)).body.factor_owed).toBe(false)
      const off = await armed.client.post(`${API}/factor/off`, {
        password: bob.password,
        code: codeOf(armed.secret),
      })
      expect(off.status).toBe(403)
      expect((await armed.client.delete(`${API}/session`)).status).toBe(204)
    } finally {
      await ada.put(`${API}/settings`, { second_factor: 'free' })
    }
  })
})
