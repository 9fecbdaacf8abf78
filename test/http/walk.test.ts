// The main walk without a browser: set up, invite, accept, clone, push, see, revoke, refused. Real git, real server.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { client, signIn, teammate } from '../helpers/client.ts'
import { commitFile, git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'

let server: Server
let dir: string

beforeAll(async () => {
  server = await startServer({ admin: false })
  dir = tempDir()
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

it('goes from a fresh machine to a team that clones and pushes', async () => {
  const token = new URL(server.setup ?? '').hash.replace('#token=', '')
  const account = { username: 'ada', display_name: 'Ada', password: 'correct horse battery' }
  const setUp = await client(server).post('/api/gitstead/1/setup', { token, ...account })
  expect(setUp.status).toBe(201)
  expect((await client(server).post('/api/gitstead/1/setup', { token, ...account, username: 'eve' })).status).toBe(410)

  const ada = await signIn(server)
  expect((await ada.post('/2.0/repositories/ada/web', { description: 'pages' })).status).toBe(201)
  await makeWork(join(dir, 'ada'))
  await git(join(dir, 'ada'), ['push', '-q', withLogin(`${server.url}/ada/web.git`, 'ada', account.password), 'main'])

  const grants = [{ repository: 'ada/web', permission: 'write' }]
  const bob = await teammate(server, ada, { name: 'bob', grants })
  const remote = withLogin(`${server.url}/ada/web.git`, 'bob', 'bob has a password')
  await git(dir, ['clone', '-q', remote, 'bob'])
  const commit = await commitFile(join(dir, 'bob'), 'new.txt', 'from bob\n')
  await git(join(dir, 'bob'), ['push', '-q', 'origin', 'main'])

  const [push] = (await ada.get('/api/gitstead/1/pushes?repository=ada/web')).body.values
  expect(push.actor.username).toBe('bob')
  expect(push.changes).toEqual([expect.objectContaining({ ref: 'refs/heads/main', kind: 'updated', new: commit })])

  const [, uuid] = ['', (await bob.get('/2.0/user')).body.uuid as string]
  const path = `/2.0/repositories/ada/web/permissions-config/users/${encodeURIComponent(uuid)}`
  expect((await ada.delete(path)).status).toBe(204)
  const refused = await tryGit(join(dir, 'bob'), ['fetch', 'origin'])
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toMatch(/There is nothing here, or you may not see it/)
  expect((await bob.get('/2.0/repositories/ada/web')).status).toBe(404)
})
