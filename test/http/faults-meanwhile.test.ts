// What happens to a push while the ground under it changes: rights end, the repository is renamed, closed or deleted. FAULTS 9.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { basic, type Client, teammate } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { broken, eventually, gitAtWork, refsOf } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { gitstead } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { type Conversation, post, pushBody } from '../helpers/wire.ts'

let site: Site
let ada: Client
/** A repository and somebody who may write to it, new for each test. */
let web: string
let who: string
let bob: Client
let work: string
let path: string
let before: string
let after: string
let tests = 0

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
})
afterAll(() => closeSite(site))

beforeEach(async () => {
  web = `web${++tests}`
  who = `bob${tests}`
  const made = await makeRepository(site, web)
  ada = made.ada
  work = made.work
  path = made.path
  await git(work, ['push', '-q', remoteOf(site, web), 'main'])
  bob = await teammate(site.server, ada, { name: who, grants: [{ repository: `ada/${web}`, permission: 'write' }] })
  before = await git(work, ['rev-parse', 'main'])
  after = await commitFile(work, 'file', 'more')
})

const password = (): Record<string, string> => basic(who, `${who} has a password`)

interface Half extends Conversation {
  finish: () => void
}

/** A push whose pack has come but for its end. */
async function half(headers = password()): Promise<Half> {
  const body = pushBody(work, [{ ref: 'refs/heads/main', oldOid: before, newOid: after }])
  const all = { ...headers, 'Content-Length': String(body.length) }
  const made = post(site.server, { repository: `ada/${web}`, service: 'git-receive-pack' }, all)
  made.socket.write(body.subarray(0, body.length - 30))
  expect(await eventually(() => gitAtWork(site.data).some(({ args }) => args.includes('index-pack')))).toBe(true)
  return { ...made, finish: () => void made.socket.write(body.subarray(body.length - 30)) }
}

const permission = (level: string | undefined): Promise<{ status: number }> => {
  const place = `/2.0/repositories/ada/${web}/permissions-config/users/${who}`
  return level === undefined ? ada.delete(place) : ada.put(place, { permission: level })
}

async function token(): Promise<{ headers: Record<string, string>; id: string }> {
  const made = await bob.post('/api/gitstead/1/app-passwords', { label: 'ci', scopes: ['repository:write'] })
  return { headers: basic(who, made.body.secret), id: made.body.id }
}

async function unmoved(): Promise<void> {
  expect((await refsOf(path)).get('refs/heads/main')).toBe(before)
  expect(await eventually(async () => (await broken(site.server)).length === 0)).toBe(true)
}

describe('whose right to push ends on the way', () => {
  const ENDS: Record<string, [ends: (id: string) => Promise<unknown>, words: string]> = {
    'a permission that is taken back': [() => permission(undefined), 'There is nothing here'],
    'a permission that is lowered': [() => permission('read'), 'Your account may not do this.'],
    'an account that is disabled': [
      () => ada.patch(`/api/gitstead/1/people/${who}`, { state: 'disabled' }),
      'The user name or the password is wrong.',
    ],
    'an app password that is revoked': [
      (id) => bob.delete(`/api/gitstead/1/app-passwords/${id}`),
      'The user name or the password is wrong.',
    ],
    'a password that is changed at the shell, beside the server': [
      async () => gitstead(['user', 'passwd', who, '--password-stdin', '--data', site.data], 'another fine password'),
      'The user name or the password is wrong.',
    ],
    'a repository that is made read-only': [
      () => ada.put(`/api/gitstead/1/repositories/ada/${web}/quarantine`, { mode: 'read-only', reason: 'Wait.' }),
      'This repository is read-only at the moment: Wait.',
    ],
  }
  it.each(Object.entries(ENDS))(
    '%s: nothing is written after it, and the client reads why',
    async (_what, [end, words]) => {
      const { headers, id } = await token()
      const mine = _what.startsWith('an app') ? headers : undefined
      const push = await half(mine)
      await end(id)
      push.finish()
      const said = await push.end
      expect(said).toContain('ng refs/heads/main')
      expect(said).toContain(words)
      await unmoved()
    },
  )

  it('one whose pack has come and whose git is still at work is ended too', async () => {
    hook(site.data, 'pre-receive', 'rm "$0"; sleep 20')
    const push = await half()
    push.finish()
    expect(
      await eventually(
        () =>
          gitAtWork(site.data).some(({ args }) => args.includes('receive-pack')) &&
          !existsSync(join(site.data, 'git', 'hooks', 'pre-receive')),
      ),
    ).toBe(true)
    await permission('read')
    expect(await push.end).toContain('ng refs/heads/main Your account may not do this.')
    expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
    await unmoved()
  })

  it('guesses of others from the same address end nobody', async () => {
    const push = await half()
    for (let i = 0; i < 8; i++) await fetch(`${site.server.url}/2.0/user`, { headers: basic(who, 'a guess') })
    push.finish()
    expect(await push.end).toContain('ok refs/heads/main')
    expect((await refsOf(path)).get('refs/heads/main')).toBe(after)
  })
})

describe('what becomes of the repository on the way', () => {
  it('a rename changes nothing: the push arrives', async () => {
    const push = await half()
    await ada.put(`/2.0/repositories/ada/${web}`, { name: `shop${tests}` })
    await ada.post(`/2.0/repositories/ada/${web}`)
    push.finish()
    expect(await push.end).toContain('ok refs/heads/main')
    expect((await refsOf(path)).get('refs/heads/main')).toBe(after)
    expect((await ada.get(`/2.0/repositories/ada/${web}`)).body.is_empty).toBe(true)
    expect(await eventually(async () => (await broken(site.server)).length === 0)).toBe(true)
  })

  it('a deletion ends it, and no folder comes back', async () => {
    const push = await half()
    expect((await ada.delete(`/2.0/repositories/ada/${web}`)).status).toBe(204)
    push.finish()
    expect(await push.end).toContain('ng refs/heads/main')
    expect(await eventually(() => gitAtWork(site.data).length === 0)).toBe(true)
    expect(existsSync(path)).toBe(false)
    expect(await eventually(async () => (await broken(site.server)).length === 0)).toBe(true)
    const again = await ada.post(`/2.0/repositories/ada/${web}`)
    expect(again.status).toBe(201)
    await git(work, ['push', '-q', remoteOf(site, web), 'main'])
    expect(existsSync(path)).toBe(false)
  })
})
