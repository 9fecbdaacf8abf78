// Histories, comparisons and listings over the API, on a repository with one of everything.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { git, withLogin } from '../helpers/git.ts'
import { ask, makeRepository, zoo } from '../helpers/repos.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

let server: Server
let ada: Client
let dir: string
let oids: string[]
let big: Buffer
const ROOT = '/2.0/repositories/ada/zoo'

async function publish(name: string, path: string): Promise<void> {
  expect((await ada.post(`/2.0/repositories/ada/${name}`)).status).toBe(201)
  const remote = withLogin(`${server.url}/ada/${name}.git`, ADMIN.name, ADMIN.password)
  await git(path, ['push', '-q', remote, 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'])
}

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  dir = tempDir()
  oids = zoo(join(dir, 'zoo.git'))
  await publish('zoo', join(dir, 'zoo.git'))
  big = randomBytes(3_000_000)
  makeRepository(join(dir, 'more.git'), {
    commits: Array.from({ length: 25 }, (_, at) => ({
      files: at === 0 ? { 'big.bin': big, 'a/x': '1' } : { [`a/${String(at % 3)}`]: String(at) },
    })),
    refs: { 'refs/heads/main': 24 },
  })
  await publish('more', join(dir, 'more.git'))
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

/** All values of a list, page by page. */
// oxlint-disable-next-line typescript/no-explicit-any
async function all(path: string): Promise<any[]> {
  const values = []
  let at: string | undefined = path
  while (at !== undefined) {
    const { status, body }: { status: number; body: { values: unknown[]; next?: string } } = await ada.get(at)
    expect(status).toBe(200)
    values.push(...body.values)
    at = body.next?.slice(server.url.length)
  }
  return values
}

const hashes = (values: { hash: string }[]): string[] => values.map(({ hash }) => hash)
const lines = (repo: string, ...args: string[]): string[] => ask(join(dir, repo), args).split('\n')

describe('commits', () => {
  it('are listed for a path', async () => {
    const found = await all('/2.0/repositories/ada/more/commits/main?path=a/1&pagelen=3')
    expect(hashes(found)).toEqual(lines('more.git', 'rev-list', 'main', '--', 'a/1'))
    const folder = await all('/2.0/repositories/ada/more/commits?path=a/&pagelen=7')
    expect(folder).toHaveLength(25)
  })
  it('stay in place between pages when somebody pushes', async () => {
    const first = (await ada.get('/2.0/repositories/ada/more/commits/main?pagelen=10')).body
    const work = join(dir, 'more.git')
    const next = ask(work, ['commit-tree', '-p', 'main', '-m', 'later', 'main^{tree}'])
    ask(work, ['update-ref', 'refs/heads/main', next])
    const remote = withLogin(`${server.url}/ada/more.git`, ADMIN.name, ADMIN.password)
    await git(work, ['push', '-q', remote, 'main'])
    const second = (await ada.get(first.next.slice(server.url.length))).body
    expect(hashes([...first.values, ...second.values])).toEqual(lines('more.git', 'rev-list', '-20', 'main~1'))
  })
  it('come for many includes and excludes', async () => {
    const found = await all(`${ROOT}/commits?include=main&include=feature/one&exclude=${oids[1]}&pagelen=2`)
    expect(hashes(found)).toEqual(lines('zoo.git', 'rev-list', 'main', 'feature/one', `^${oids[1]}`))
  })
  it('come for a list in a body too, whose next page needs none', async () => {
    const first = await ada.post(`${ROOT}/commits?pagelen=2`, { include: ['main', 'feature/one'], exclude: oids[1] })
    const rest = await all(first.body.next.slice(server.url.length))
    expect(hashes([...first.body.values, ...rest])).toEqual(
      lines('zoo.git', 'rev-list', 'main', 'feature/one', `^${oids[1]}`),
    )
  })
  it.each(['ctx=nonsense', 'ctx=e30x', `ctx=${Buffer.from('{"after":"--all"}').toString('base64url')}`])(
    'refuse %s',
    async (query) => {
      expect((await ada.get(`${ROOT}/commits/main?${query}`)).status).toBe(400)
    },
  )
})

describe('file history', () => {
  it('goes on under older names', async () => {
    const versions = await all(`${ROOT}/filehistory/main/src/moved.c?pagelen=1`)
    expect(versions.map(({ path, commit }) => [path, commit.hash])).toEqual([
      ['src/moved.c', oids[5]],
      ['src/main.c', oids[0]],
    ])
    expect(versions[0]).toMatchObject({ type: 'commit_file', size: expect.any(Number), commit: { type: 'commit' } })
    expect(await all(`${ROOT}/filehistory/main/src/moved.c?renames=false`)).toHaveLength(1)
  })
  it('takes refs and paths encoded or raw', async () => {
    for (const address of ['feature/one/src/side.c', 'feature%2Fone/src%2Fside.c', `${oids[3]}/src/side.c`])
      expect(await all(`${ROOT}/filehistory/${address}`)).toHaveLength(1)
  })
  it('shows what is gone, and says when there never was such a file', async () => {
    const versions = await all(`${ROOT}/filehistory/main/src/main.c`)
    expect(versions.map(({ commit }) => commit.hash)).toEqual([oids[5], oids[0]])
    expect((await ada.get(`${ROOT}/filehistory/main/never`)).status).toBe(404)
    expect((await ada.get(`${ROOT}/filehistory/main`)).status).toBe(404)
  })
})

describe('source', () => {
  it('has an address for names that are no UTF-8', async () => {
    const { body } = await ada.get(`${ROOT}/src/main/`)
    const odd = body.values.find(({ path }: { path: string }) => path.startsWith('caf'))
    expect((await ada.get(odd.links.self.href.slice(server.url.length))).text).toBe('latin\n')
    const line = body.values.find(({ path }: { path: string }) => path.startsWith('new'))
    expect((await ada.get(line.links.self.href.slice(server.url.length))).text).toBe('n\n')
  })
  it('is filtered and sorted as a whole, not by page', async () => {
    const files = (await all(`${ROOT}/src/main/?sort=-size&pagelen=2`)).filter(({ type }) => type === 'commit_file')
    const sizes = files.map(({ size }) => size)
    expect(sizes).toHaveLength(7)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    const deep = await all(`${ROOT}/src/main/?max_depth=9&q=path ~ "LEAF"&pagelen=1`)
    expect(deep.map(({ path }) => path)).toEqual(['src/deep/er/leaf.txt'])
  })
  it('streams what is large, and says how large', async () => {
    const response = await fetch(`${server.url}/2.0/repositories/ada/more/src/main/big.bin`, {
      headers: { Authorization: `Basic ${Buffer.from(`${ADMIN.name}:${ADMIN.password}`).toString('base64')}` },
    })
    expect(response.headers.get('content-length')).toBe('3000000')
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(Buffer.from(await response.arrayBuffer()).equals(big)).toBe(true)
  })
  it('says of a submodule that its files are elsewhere', async () => {
    expect((await ada.get(`${ROOT}/src/main/vendor/lib`)).status).toBe(404)
    expect((await ada.get(`${ROOT}/src/main/vendor/lib?format=meta`)).body.attributes).toEqual(['subrepository'])
  })
})

describe('comparisons', () => {
  it('show what a has that b has not', async () => {
    const files = await all(`${ROOT}/diffstat/main..feature%2Fone?pagelen=3`)
    const own = lines('zoo.git', 'diff', '-z', '-M', '--name-only', `${oids[3]}...main`).join('\n').split('\0')
    expect(files).toHaveLength(own.filter(Boolean).length)
    const { text, headers } = await ada.get(`${ROOT}/diff/main..feature/one`)
    expect(text).toContain('rename to src/moved.c')
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
  })
  it('are not sent again to a reader that has them', async () => {
    const first = await ada.get(`${ROOT}/diff/${oids[5]}`)
    const tag = { 'If-None-Match': first.headers.get('etag') ?? '' }
    expect((await ada.get(`${ROOT}/diff/${oids[5]}`, tag)).status).toBe(304)
    expect((await ada.get(`${ROOT}/diff/${oids[5]}?context=1`, tag)).status).toBe(200)
    expect((await ada.get(`${ROOT}/diff/${oids[4]}`, tag)).status).toBe(200)
  })
  it('keep to paths, repeated and odd', async () => {
    const { text } = await ada.get(`${ROOT}/diff/main..${oids[0]}?path=run.sh&path=caf%5Cxe9.txt`)
    expect(text.match(/^diff --git/gm)).toHaveLength(2)
  })
})

describe('refs', () => {
  it('leaves out what leads to no commit', async () => {
    const path = join(dir, 'zoo.git')
    ask(path, ['update-ref', 'refs/tags/blob', ask(path, ['rev-parse', 'main:README.md'])])
    const remote = withLogin(`${server.url}/ada/zoo.git`, ADMIN.name, ADMIN.password)
    await git(path, ['push', '-q', remote, 'refs/tags/blob'])
    const names = (await all(`${ROOT}/refs/tags?pagelen=2`)).map(({ name }) => name)
    expect(names).toEqual(['both', 'feature', 'v1.0'])
    expect((await ada.get(`${ROOT}/refs/tags/blob`)).status).toBe(404)
  })
  it('are sorted by what they point at', async () => {
    const dates = (await all(`${ROOT}/refs/branches?sort=-target.date`)).map(({ target }) => Date.parse(target.date))
    expect(dates).toEqual(dates.toSorted((a, b) => b - a))
  })
})
