// Imports: from a server that the admin allowed, with progress, cancel, and nothing left of one that failed.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { commitFile, git, makeWork, withLogin } from '../helpers/git.ts'
import { ADMIN, gitstead, MAIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

let server: Server
let ada: Client
let dir: string
let lender: ChildProcess
let source: string
let tip: string

beforeAll(async () => {
  dir = tempDir()
  mkdirSync(join(dir, 'lent'))
  await makeWork(join(dir, 'work'))
  await git(join(dir, 'work'), ['branch', '-m', 'trunk'])
  tip = await commitFile(join(dir, 'work'), 'second.txt', 'two\n')
  await git(join(dir, 'work'), ['tag', '-a', 'v1', '-m', 'one'])
  await git(dir, ['clone', '-q', '--bare', 'work', 'lent/web.git'])
  lender = spawn(process.execPath, [MAIN, 'share', join(dir, 'lent'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  source = await new Promise<string>((resolve) => {
    lender.stdout?.on('data', (chunk: Buffer) => resolve(/http:\S+/.exec(chunk.toString())?.[0] ?? ''))
  })
  // Whoever is asked for an import and whoever works it off are two processes.
  server = await startServer({ env: { GITSTEAD_WORKERS: '2' } })
  ada = await signIn(server)
})
afterAll(async () => {
  lender.kill()
  await server.stop()
  remove(dir)
  remove(server.data)
})

// oxlint-disable-next-line typescript/no-explicit-any -- the answer of the API, looked into by each test
async function ended(id: string): Promise<any> {
  for (let i = 0; i < 200; i++) {
    const { body } = await ada.get(`/api/gitstead/1/imports/${id}`)
    if (body.state !== 'waiting' && body.state !== 'running') return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the import did not end')
}

describe('imports', () => {
  it('refuses an address inside the network until an admin allows it', async () => {
    const refused = await ada.post('/api/gitstead/1/imports', {
      url: `${source}/web.git`,
      workspace: 'ada',
      name: 'web',
    })
    expect(refused.status).toBe(400)
    expect(refused.body.error.fields.url[0]).toMatch(/leads into this network/)
    expect((await ada.get('/2.0/repositories/ada/web')).status).toBe(404)
    expect((await ada.put('/api/gitstead/1/settings', { allowed_imports: ['127.0.0.1'] })).status).toBe(200)
  })

  it('brings branches, tags and the main branch', async () => {
    const started = await ada.post('/api/gitstead/1/imports', {
      url: `${source}/web.git`,
      workspace: 'ada',
      name: 'web',
    })
    expect(started.status).toBe(202)
    expect(await ended(started.body.id)).toMatchObject({ state: 'done', error: null, repository: 'ada/web' })
    expect((await ada.get('/2.0/repositories/ada/web')).body.mainbranch.name).toBe('trunk')
    await git(dir, ['clone', '-q', withLogin(`${server.url}/ada/web.git`, ADMIN.name, ADMIN.password), 'copy'])
    expect(await git(join(dir, 'copy'), ['rev-parse', 'HEAD'])).toBe(tip)
    expect(await git(join(dir, 'copy'), ['tag'])).toBe('v1')
  })

  it('signs in with the name and password that were given, which are kept no longer than needed', async () => {
    const own = withLogin(`${server.url}/ada/web.git`, ADMIN.name, ADMIN.password)
    await git(join(dir, 'work'), ['notes', 'add', '-m', 'a note'])
    await git(join(dir, 'work'), ['push', '-q', own, 'refs/notes/commits'])
    const asked = { url: `${server.url}/ada/web.git`, workspace: 'ada', name: 'again', username: 'ada' }
    const started = await ada.post('/api/gitstead/1/imports', { ...asked, password: ADMIN.password })
    expect(await ended(started.body.id)).toMatchObject({ state: 'done', error: null })
    const brought = await git(dir, ['ls-remote', own.replace('web.git', 'again.git')])
    expect(brought).toBe(await git(dir, ['ls-remote', own]))
    expect(brought).toContain('refs/notes/commits')
    const wrong = await ada.post('/api/gitstead/1/imports', { ...asked, name: 'wrong', password: 'a wrong one' })
    expect((await ended(wrong.body.id)).error).toMatch(/wants a user name and password, or refuses these/)
    await expect.poll(() => JSON.stringify(rows(server, 'select data from jobs'))).not.toContain('sealed')
  })

  it('leaves nothing of an import that failed, and says why', async () => {
    const started = await ada.post('/api/gitstead/1/imports', {
      url: `${source}/absent.git`,
      workspace: 'ada',
      name: 'absent',
    })
    const job = await ended(started.body.id)
    expect(job.state).toBe('failed')
    expect(job.error).toMatch(/no repository at this address/)
    expect((await ada.get('/2.0/repositories/ada/absent')).status).toBe(404)
  })

  it('is cancelled while the other server stalls', async () => {
    const stalled: HttpServer = createServer(() => {})
    await new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', () => resolve()))
    const { port } = stalled.address() as AddressInfo
    const url = `http://canary:pa55word@127.0.0.1:${port}/slow.git`
    const started = await ada.post('/api/gitstead/1/imports', { url, workspace: 'ada', name: 'slow' })
    expect(started.body.url).not.toContain('pa55word')
    expect(JSON.stringify(rows(server, 'select data from jobs'))).not.toContain('pa55word')
    expect((await ada.delete(`/api/gitstead/1/imports/${started.body.id}`)).status).toBe(204)
    expect((await ended(started.body.id)).state).toBe('cancelled')
    await expect.poll(async () => (await ada.get('/2.0/repositories/ada/slow')).status).toBe(404)
    stalled.closeAllConnections()
    stalled.close()
    expect(server.stderr()).not.toContain('pa55word')
  })

  it('works at the shell too', () => {
    const run = gitstead(['repo', 'import', 'ada/shell', `${source}/web.git`, '--user', 'ada', '--data', server.data])
    expect([run.code, run.stdout]).toEqual([
      0,
      expect.stringMatching(/^(Imported ada\/shell|The running server imports)/),
    ])
  })
})
