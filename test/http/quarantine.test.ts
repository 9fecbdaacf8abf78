// Quarantine: an admin closes a repository, every way to change or read it is shut with the reason, and opens it again.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, client, teammate } from '../helpers/client.ts'
import { commitFile, git, tryGit, withLogin } from '../helpers/git.ts'
import { broken, eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { post, pushBody, ZERO } from '../helpers/wire.ts'

const ONE = '/2.0/repositories/ada/web'
const OWN = '/api/gitstead/1/repositories/ada/web'
const REASON = 'The disk is being replaced.'
const READ_ONLY = `This repository is read-only at the moment: ${REASON}`
const OFF = `This repository is switched off at the moment: ${REASON}`

let site: Site
let work: string
let main: string
let ada: Client
let bob: Client
let cid: Client

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  const made = await makeRepository(site, 'web')
  ada = made.ada
  work = made.work
  main = await git(work, ['rev-parse', 'main'])
  await git(work, ['push', '-q', remoteOf(site, 'web'), 'main', 'main:refs/heads/topic'])
  await git(work, ['push', '-q', remoteOf(site, 'web'), ':refs/heads/topic'])
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/web', permission: 'admin' }] })
  cid = await teammate(site.server, ada, { name: 'cid', grants: [{ repository: 'ada/web', permission: 'write' }] })
})
afterAll(() => closeSite(site))

function close(mode: string, reason = REASON): Promise<{ status: number; body: unknown }> {
  return ada.put(`${OWN}/quarantine`, { mode, ...(mode === 'open' ? {} : { reason }) })
}

const remote = (): string => withLogin(`${site.server.url}/ada/web.git`, 'bob', 'bob has a password')

async function refs(): Promise<string> {
  await close('open')
  return git(work, ['ls-remote', remoteOf(site, 'web')])
}

/** Every way that leads to a change of the repository but a push. */
async function changes(): Promise<Record<string, { status: number; body: { error?: { message: string } } }>> {
  const [kept] = (await ada.get(`${OWN}/kept`)).body?.values ?? []
  return {
    branch: await bob.post(`${ONE}/refs/branches`, { name: 'new', target: { hash: main } }),
    tag: await bob.post(`${ONE}/refs/tags`, { name: 'new', target: { hash: main } }),
    removal: await bob.delete(`${ONE}/refs/branches/side`),
    restore: await bob.post(`${OWN}/kept/restore`, { id: kept?.id ?? '20260101T000000000Z-x/heads/gone' }),
    purge: await bob.post(`${OWN}/purges`, { confirm: 'ada/web', kept: 'all' }),
    head: await bob.put(ONE, { mainbranch: { name: 'side' } }),
    name: await bob.put(ONE, { name: 'other' }),
    visibility: await bob.put(ONE, { is_private: false }),
    right: await bob.put(`${ONE}/permissions-config/users/cid`, { permission: 'admin' }),
    rightGone: await bob.delete(`${ONE}/permissions-config/users/cid`),
    end: await bob.delete(ONE),
  }
}

describe('read-only', () => {
  it('refuses each change with the reason, in git too, and serves all readers', async () => {
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main:refs/heads/side'])
    const before = await refs()
    expect((await close('read-only')).status).toBe(200)
    await commitFile(work, 'file', 'more')
    const push = await tryGit(work, ['push', remote(), 'main'])
    expect(push.code).not.toBe(0)
    expect(push.stderr).toContain(`remote: ${READ_ONLY}`)
    const said = Object.entries(await changes()).map(([name, { status, body }]) => [name, status, body?.error?.message])
    expect(said).toEqual(said.map(([name]) => [name, 403, READ_ONLY]))

    expect((await ada.put(ONE, { description: 'By the admin of the server' })).status).toBe(200)
    expect((await ada.put(`${ONE}/permissions-config/users/cid`, { permission: 'write' })).status).toBe(200)
    expect((await bob.get(ONE)).body.quarantine).toMatchObject({ mode: 'read-only', reason: REASON })
    expect((await bob.get(`${ONE}/src/main/README.md`)).status).toBe(200)
    await git(site.dir, ['clone', '-q', remote(), join(site.dir, 'clone')])
    expect(await refs()).toBe(before)
    await git(work, ['push', '-q', remote(), 'main'])
    expect(await broken(site.server)).toEqual([])
  })

  it('a push whose pack is still on its way when the repository is closed is refused in words', async () => {
    const at = await git(work, ['rev-parse', 'main'])
    const oid = await commitFile(work, 'late', 'late')
    const body = pushBody(work, [{ ref: 'refs/heads/main', oldOid: at, newOid: oid }])
    const headers = { ...basic('bob', 'bob has a password'), 'Content-Length': String(body.length) }
    await close('read-only')
    // Past the advertisement, as if the repository had been closed after it.
    const { socket, end } = post(site.server, { repository: 'ada/web', service: 'git-receive-pack' }, headers)
    socket.write(body)
    expect(await end).toContain(`ng refs/heads/main ${READ_ONLY}`)
    expect(await refs()).toContain(`${at}\trefs/heads/main`)
  })
})

describe('switched off', () => {
  it('refuses everything with the reason, also what is asked of git past its first question', async () => {
    await close('off')
    const read = await tryGit(work, ['ls-remote', remote()])
    expect(read.stderr).toContain(`remote: ${OFF}`)
    const listing = Buffer.from('0014command=ls-refs\n0000')
    const headers = { ...basic('bob', 'bob has a password'), 'Git-Protocol': 'version=2', 'Content-Length': '24' }
    const asked = post(site.server, { repository: 'ada/web', service: 'git-upload-pack' }, headers)
    asked.socket.write(listing)
    expect(await asked.end).toContain(`ERR ${OFF}`)
    const body = pushBody(work, [{ ref: 'refs/heads/off', oldOid: ZERO, newOid: main }])
    const sent = { ...basic('bob', 'bob has a password'), 'Content-Length': String(body.length) }
    const pushed = post(site.server, { repository: 'ada/web', service: 'git-receive-pack' }, sent)
    pushed.socket.write(body)
    expect(await pushed.end).toContain(`ng refs/heads/off ${OFF}`)

    const paths = ['', '/src/main/README.md', '/commits', '/refs', '/diff/main', '/permissions-config/users']
    const read2 = await Promise.all(paths.map((path) => bob.get(ONE + path)))
    expect(read2.map(({ status, body: { error } }) => [status, error?.message])).toEqual(paths.map(() => [403, OFF]))
    const said = Object.values(await changes()).map(({ status, body: { error } }) => [status, error?.message])
    expect(said).toEqual(said.map(() => [403, OFF]))
    expect((await bob.get(`/api/gitstead/1/pushes?repository=ada/web`)).status).toBe(403)
    expect(await refs()).not.toContain('refs/heads/off')
  })

  it('is told of in no list of what happened, and in no notification, until it is open again', async () => {
    await close('open')
    await git(work, ['commit', '-q', '--allow-empty', '-m', 'Nobody should read this, @cid'])
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main:refs/heads/hushed'])
    const lists = ['workspaces/ada/activity', 'people/ada/activity', 'pushes', 'notices'].map(
      (at) => `/api/gitstead/1/${at}`,
    )
    const telling = async (): Promise<string[]> => {
      const answers = await Promise.all(lists.map((list) => cid.get(list)))
      return lists.filter((_list, i) => /hushed|Nobody should/.test(answers[i]?.text ?? ''))
    }
    expect(await eventually(async () => (await telling()).length === lists.length, 20_000)).toBe(true)
    await close('off')
    expect(await telling()).toEqual([])
    expect((await cid.get('/api/gitstead/1/notices/count')).body).toEqual({ unread: 0 })
    await close('open')
    expect(await telling()).toEqual(lists)
  })

  it('leaves the admin of the server the way back, and tells strangers nothing', async () => {
    await close('off')
    expect((await ada.get(ONE)).body.quarantine).toMatchObject({ mode: 'off' })
    expect((await ada.get(`${ONE}/src`)).status).toBe(403)
    expect((await ada.get(`${OWN}/quarantine`)).body).toMatchObject({ mode: 'off', reason: REASON })
    expect((await client(site.server).get(ONE)).status).toBe(401)
    const dan = await teammate(site.server, ada, { name: 'dan' })
    expect((await dan.get(ONE)).text).not.toContain(REASON)
    expect((await close('open')).body).toEqual({ mode: 'open', reason: '', since: null })
    expect((await bob.get(`${ONE}/src`)).status).toBe(200)
  })
})

describe('the switch', () => {
  it('is for admins of the server alone, and wants a reason', async () => {
    for (const who of [bob, cid]) {
      expect((await who.put(`${OWN}/quarantine`, { mode: 'off', reason: 'Because.' })).status).toBe(403)
      expect((await who.get(`${OWN}/quarantine`)).status).toBe(403)
    }
    expect((await close('off', ' ')).body).toMatchObject({ error: { fields: { reason: [expect.any(String)] } } })
    expect((await close('off', 'two\nlines')).status).toBe(400)
    expect((await ada.put('/api/gitstead/1/repositories/ada/none/quarantine', { mode: 'open' })).status).toBe(404)
    expect((await bob.get(ONE)).body.quarantine).toBeNull()
  })

  it('holds in all processes at once, and is told in the audit log', async () => {
    await close('read-only')
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const asked = await fetch(`${site.server.url}/ada/web.git/info/refs?service=git-receive-pack`, {
          headers: { ...basic('bob', 'bob has a password'), Connection: 'close' },
        })
        return asked.status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([403]))
    await close('open')
    const { values } = (await ada.get('/api/gitstead/1/admin/audit?kind=repo:quarantine')).body
    const [last, before] = values.map(({ words }: { words: string }) => words)
    expect(last).toBe('opened the repository again')
    expect(before).toBe(`made the repository read-only: ${REASON}`)
  })
})
