// Reading a repository over the API: files, folders, commits and refs, and refs made and removed.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { commitFile, git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

let server: Server
let ada: Client
let dir: string
let work: string
let tip: string
const ROOT = '/2.0/repositories/ada/web'

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  dir = tempDir()
  work = join(dir, 'work')
  await makeWork(work, { 'README.md': '# Web\n', 'src/app.ts': 'export {}\n', 'src/deep/er/file.txt': 'deep\n' })
  symlinkSync('/etc/passwd', join(work, 'link'))
  writeFileSync(join(work, 'page.html'), '<script>alert(1)</script>')
  await git(work, ['add', '.'])
  await git(work, ['commit', '-q', '-m', 'Link and page\n\nwith <b>markup</b>'])
  tip = await git(work, ['rev-parse', 'HEAD'])
  await git(work, ['branch', 'feature/one'])
  await git(work, ['tag', '-a', 'v1.0', '-m', 'First', 'HEAD~1'])
  await ada.post(ROOT)
  await ada.post('/2.0/repositories/ada/empty')
  const remote = withLogin(`${server.url}/ada/web.git`, ADMIN.name, ADMIN.password)
  await git(work, ['push', '-q', remote, 'main', 'feature/one', 'v1.0'])
  await git(work, ['remote', 'add', 'origin', remote])
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

const names = (body: { values: { path: string }[] }): string[] => body.values.map(({ path }) => path)

describe('source', () => {
  it('lists the root, folders first', async () => {
    const { status, body } = await ada.get(`${ROOT}/src/main/`)
    expect(status).toBe(200)
    expect(names(body)).toEqual(['src', 'README.md', 'link', 'page.html'])
    expect(body.values[0].type).toBe('commit_directory')
    expect(body.values[1]).toMatchObject({ type: 'commit_file', size: 6, commit: { hash: tip } })
    expect(body.values[2].attributes).toEqual(['link'])
    expect((await ada.get(`${ROOT}/src`)).body.values).toHaveLength(4)
  })
  it('lists deeply and in pages', async () => {
    const { body } = await ada.get(`${ROOT}/src/main/?max_depth=4&pagelen=3`)
    expect(body.values).toHaveLength(3)
    const second = await ada.get(new URL(body.next).pathname + new URL(body.next).search)
    expect([...names(body), ...names(second.body)]).toContain('src/app.ts')
  })
  it('finds refs with slashes, raw and encoded', async () => {
    for (const ref of ['feature/one', 'feature%2Fone', tip, 'v1.0', 'main']) {
      const { text, headers } = await ada.get(`${ROOT}/src/${ref}/src/app.ts`)
      expect(text).toBe('export {}\n')
      expect(headers.get('content-type')).toMatch(/^text\/plain/)
    }
  })
  it('hands out hostile content as text in a sandbox, and follows no link', async () => {
    const page = await ada.get(`${ROOT}/src/main/page.html`)
    expect(page.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(page.headers.get('content-security-policy')).toMatch(/sandbox/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await ada.get(`${ROOT}/src/main/link`)).text).toBe('/etc/passwd')
    expect((await ada.get(`${ROOT}/src/main/link/x`)).status).toBe(404)
  })
  it('answers 304 to a reader that has the file', async () => {
    const first = await ada.get(`${ROOT}/src/main/README.md`)
    const again = await ada.get(`${ROOT}/src/main/README.md`, { 'If-None-Match': first.headers.get('etag') ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
  })
  it.each(['nowhere/', 'main/absent', 'main/../../x', 'main/%2e%2e/x', '--help/x', 'main%00x', 'HEAD~1/', ':/x'])(
    'knows no %s',
    async (address) => {
      expect((await ada.get(`${ROOT}/src/${address}`)).status).toBeOneOf([400, 404])
    },
  )
  it('says that an empty repository is empty', async () => {
    const { status, body } = await ada.get('/2.0/repositories/ada/empty/src/main/')
    expect([status, body.error.message]).toEqual([404, expect.stringMatching(/no commits yet/)])
    expect((await ada.get('/2.0/repositories/ada/empty/commits')).body.values).toEqual([])
  })
})

describe('commits', () => {
  it('walks them in pages', async () => {
    const { body } = await ada.get(`${ROOT}/commits/main?pagelen=3`)
    const second = await ada.get(new URL(body.next).pathname + new URL(body.next).search)
    const hashes = [...body.values, ...second.body.values].map(({ hash }: { hash: string }) => hash)
    expect(hashes).toEqual((await git(work, ['rev-list', 'main'])).split('\n'))
    expect(second.body.next).toBeUndefined()
  })
  it('leaves out what is excluded', async () => {
    const { body } = await ada.get(`${ROOT}/commits?include=main&exclude=v1.0`)
    expect(body.values.map(({ hash }: { hash: string }) => hash)).toEqual([tip])
  })
  it('shows one, with its message as text only', async () => {
    const { body } = await ada.get(`${ROOT}/commit/${tip.slice(0, 10)}`)
    expect(body).toMatchObject({ type: 'commit', hash: tip, author: { raw: 'Test <test@example.com>' } })
    expect(body.summary.html).not.toContain('<b>')
  })
  it('finds merge bases', async () => {
    expect((await ada.get(`${ROOT}/merge-base/main..v1.0`)).body.hash).toBe(await git(work, ['rev-parse', 'v1.0^{}']))
  })
})

describe('comparisons', () => {
  it('shows what a commit changed', async () => {
    const { text, headers } = await ada.get(`${ROOT}/diff/${tip}`)
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    expect(text).toContain('+<script>alert(1)</script>')
    expect((await ada.get(`${ROOT}/diff/${tip}?path=link`)).text).not.toContain('page.html')
  })
  it('counts lines per file', async () => {
    const { body } = await ada.get(`${ROOT}/diffstat/main..v1.0`)
    expect(body.size).toBe(2)
    expect(body.values[1]).toMatchObject({
      type: 'diffstat',
      status: 'added',
      lines_added: 1,
      old: null,
      new: { path: 'page.html' },
    })
  })
  it('gives patches that git am takes', async () => {
    const { text } = await ada.get(`${ROOT}/patch/main..v1.0`)
    expect(text).toMatch(/^From [0-9a-f]{40} /)
    expect(text).toContain('Subject: [PATCH] Link and page')
  })
  it('says what it does not know', async () => {
    expect((await ada.get(`${ROOT}/diff/main..nowhere`)).status).toBe(404)
    expect((await ada.get(`${ROOT}/diff/main?context=-1`)).status).toBe(400)
  })
})

describe('refs', () => {
  it('lists and finds them', async () => {
    expect((await ada.get(`${ROOT}/refs/branches`)).body.values.map(({ name }: { name: string }) => name)).toEqual([
      'feature/one',
      'main',
    ])
    expect((await ada.get(`${ROOT}/refs/branches?q=name~"feat"`)).body.size).toBe(1)
    expect((await ada.get(`${ROOT}/refs/branches/feature%2Fone`)).body.target.hash).toBe(tip)
    expect((await ada.get(`${ROOT}/refs/tags/v1.0`)).body).toMatchObject({ type: 'tag', message: 'First\n' })
    expect((await ada.get(`${ROOT}/refs?sort=-name`)).body.values).toHaveLength(3)
  })
  it('makes and removes branches through the door, and keeps the tip', async () => {
    const made = await ada.post(`${ROOT}/refs/branches`, { name: 'topic/x', target: { hash: 'v1.0' } })
    expect([made.status, made.body.name]).toEqual([201, 'topic/x'])
    expect((await ada.post(`${ROOT}/refs/branches`, { name: 'topic/x', target: { hash: 'main' } })).status).toBe(409)
    expect((await ada.post(`${ROOT}/refs/branches`, { name: 'topic', target: { hash: 'main' } })).status).toBe(400)
    expect((await ada.post(`${ROOT}/refs/branches`, { name: '../x', target: { hash: 'main' } })).status).toBe(400)
    expect((await ada.delete(`${ROOT}/refs/branches/topic/x`)).status).toBe(204)
    expect((await ada.delete(`${ROOT}/refs/branches/main`)).status).toBe(409)
    const { body } = await ada.get('/api/gitstead/1/pushes?repository=ada/web')
    expect(body.values.slice(0, 2).map(({ changes }: { changes: { kind: string }[] }) => changes[0]?.kind)).toEqual([
      'deleted',
      'created',
    ])
  })
  it('tells of its branching model', async () => {
    expect((await ada.get(`${ROOT}/branching-model`)).body.development.name).toBe('main')
  })
  it('shows a push at once', async () => {
    mkdirSync(join(work, 'later'), { recursive: true })
    const commit = await commitFile(work, 'later/x', 'x')
    expect((await tryGit(work, ['push', '-q', 'origin', 'main'])).code).toBe(0)
    expect((await ada.get(`${ROOT}/refs/branches/main`)).body.target.hash).toBe(commit)
    expect(names((await ada.get(`${ROOT}/src/main/`)).body)).toContain('later')
  })
})
