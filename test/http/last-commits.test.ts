// The last commits of a folder over HTTP: true on a history with merges, found from the parent's answer after a push,
// ready without git on the next visit and after a restart, and gone with what a purge removes.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic, type Client, signIn } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { parseMetrics } from '../helpers/metrics.ts'
import { addCommits, ask, type Draft, makeRepository as makeBare } from '../helpers/repos.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { quiet } from '../helpers/world.ts'

let site: Site
let ada: Client
let work: string
let path: string
let metrics: Record<string, string>
const OWN = '/api/gitstead/1/repositories/ada/tree'

beforeAll(async () => {
  site = await openSite()
  ;({ work, path, ada } = await makeRepository(site, 'tree'))
  const made = await ada.post('/api/gitstead/1/app-passwords', { label: 'metrics', scopes: ['metrics'] })
  metrics = basic('ada', made.body.secret)
  const source = join(site.dir, 'source.git')
  makeBare(source, { commits: history(), refs: { 'refs/heads/main': history().length - 1 } })
  await git(source, ['push', '-q', remoteOf(site, 'tree'), 'main'])
  await git(work, ['fetch', '-q', remoteOf(site, 'tree'), 'main'])
  await git(work, ['reset', '-q', '--hard', 'FETCH_HEAD'])
})
afterAll(() => closeSite(site))

/** Branches that leave and come back, each with files of its own; names with spaces and bytes that are no UTF-8. */
function history(): Draft[] {
  const drafts: Draft[] = [{ files: { 'dir/caf\xe9.txt': 'latin', 'a b.txt': 'space', '-x': 'dash' } }]
  for (let at = 1; at < 120; at++) {
    const merges = at % 10 === 0
    const parents = merges ? [at - 1, at - 4] : at % 10 === 7 ? [at - 3] : [at - 1]
    const files = merges
      ? {}
      : { [`f${at % 8}`]: String(at), [`dir/g${at % 5}`]: String(at), [`dir/deep/h${at % 12}`]: String(at) }
    drafts.push({ parents, message: `Commit ${at}\n\nBody`, files })
  }
  return drafts
}

interface Line {
  hash: string
  message: string
  names: string[]
  end?: true
}

async function lines(address: string, query = ''): Promise<Line[]> {
  const { status, text, headers } = await ada.get(`${OWN}/last-commits/${address}${query}`)
  expect([status, text]).toEqual([200, expect.stringMatching(/\{"end":true\}\n$/)])
  expect(headers.get('content-type')).toMatch(/^application\/x-ndjson/)
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function found(address: string, query = ''): Promise<Map<string, string>> {
  const all = (await lines(address, query)).filter(({ end }) => end === undefined)
  return new Map(all.flatMap(({ names, hash }) => names.map((name) => [name, hash] as const)))
}

/** Git's own answer, entry by entry. */
function byGit(folder: string, commit = 'main'): Map<string, string> {
  const names = ask(path, ['ls-tree', '-z', '--name-only', `${commit}:${folder}`])
    .split('\0')
    .filter(Boolean)
  const last = (name: string): string =>
    ask(path, ['log', '-1', '--format=%H', commit, '--', `:(literal)${folder}${folder && '/'}${name}`])
  return new Map(names.filter((name) => !name.includes('\ufffd')).map((name) => [name, last(name)]))
}

/** Processes of git that were started so far, by what they do. */
async function started(command?: string): Promise<number> {
  const answer = await fetch(`${site.server.url}/metrics`, { headers: metrics })
  return parseMetrics(await answer.text()).sum('gitstead_git_processes_total', command ? { command } : {})
}

const push = (...args: string[]): Promise<string> => git(work, ['push', '-q', remoteOf(site, 'tree'), ...args])

it.each(['', 'dir', 'dir/deep'])('are those of git log -1 in folder %j', async (folder) => {
  const answer = await found(`main/${folder}`)
  answer.delete('caf\\xe9.txt')
  expect(answer).toEqual(byGit(folder))
})

it('carry the first line of the message, names that are no text, and an answer for each entry', async () => {
  const all = await lines('main/dir')
  expect(all.find(({ names }) => names?.includes('caf\\xe9.txt'))?.message).toBe('Commit 0')
  expect((await ada.get(`${OWN}/last-commits/main/f1`)).status).toBe(404)
  expect((await ada.get(`${OWN}/last-commits/main/none`)).status).toBe(404)
  expect(await found('main/', '?filter=F2')).toEqual(new Map([...byGit('')].filter(([name]) => name.startsWith('f2'))))
})

it('a warm visit starts no git at all', async () => {
  await quiet(site.server)
  await found('main/')
  const before = await started()
  const warm = await found('main/')
  expect(await started()).toBe(before)
  expect(warm).toEqual(byGit(''))
})

it('after a push the answer made from the one before is the whole truth', async () => {
  for (const name of ['f1', 'new file', 'dir/deep/new']) await commitFile(work, name, 'pushed\n')
  await push('HEAD:main')
  for (const folder of ['', 'dir/deep']) expect(await found(`main/${folder}`)).toEqual(byGit(folder))
})

it('what people visited is found in the background, and a restart keeps it', async () => {
  await commitFile(work, 'dir/deep/later', 'later\n')
  await push('HEAD:main')
  const tip = await git(work, ['rev-parse', 'HEAD'])
  await quiet(site.server)
  const folders = join(site.data, 'cache', 'folders')
  const files = readdirSync(folders, { recursive: true }).filter((name) => String(name).endsWith(tip))
  expect(files.length).toBeGreaterThanOrEqual(3)
  await site.server.stop()
  await startAgain(site)
  ada = await signIn(site.server)
  expect(await found('main/dir/deep')).toEqual(byGit('dir/deep'))
  expect([await started('diff-tree'), await started('rev-list')]).toEqual([0, 0])
})

it('a file of the cache that is damaged is as good as none', async () => {
  await site.server.stop()
  const folders = join(site.data, 'cache', 'folders')
  for (const name of readdirSync(folders, { recursive: true, encoding: 'utf8' }))
    if (/[0-9a-f]{40}\/[0-9a-f]{40}$/.test(name)) writeFileSync(join(folders, name), 'gitstead folder 1 20 nonsense')
  await startAgain(site)
  ada = await signIn(site.server)
  expect(await found('main/')).toEqual(byGit(''))
})

it('of a folder with very many entries only the page is looked for', async () => {
  const many = Object.fromEntries(Array.from({ length: 6000 }, (_unused, i) => [`many/n${i}`, String(i)]))
  const side = join(site.dir, 'many.git')
  makeBare(side, { commits: [{ files: many }], refs: { 'refs/heads/many': 0 } })
  addCommits(side, {
    commits: [{ parents: [], files: many }, { files: { 'many/n3': 'x' } }],
    refs: { 'refs/heads/many': 1 },
  })
  await git(side, ['push', '-q', remoteOf(site, 'tree'), 'many'])
  const page = await found('many/many', '?page=6')
  expect(page.size).toBe(1000)
  const one = await found('many/many', '?filter=n3')
  expect(one.get('n3')).toBe(ask(path, ['rev-parse', 'many']))
  expect(one.get('n30')).toBe(ask(path, ['rev-parse', 'many~1']))
})

it('goes with a purge and with the repository', async () => {
  const folders = join(site.data, 'cache', 'folders')
  const [id = ''] = readdirSync(folders)
  const kept = await git(work, ['rev-parse', 'HEAD'])
  await git(work, ['reset', '-q', '--hard', 'HEAD~1'])
  await push('--force', 'HEAD:main')
  await quiet(site.server)
  const purge = await ada.post(`${OWN}/purges`, { confirm: 'ada/tree', kept: 'all' })
  expect(purge.status).toBe(202)
  await quiet(site.server)
  const files = (): string[] => readdirSync(folders, { recursive: true, encoding: 'utf8' })
  expect(files().filter((name) => name.endsWith(kept))).toEqual([])
  expect(await found('main/')).toEqual(byGit(''))
  expect((await ada.delete('/2.0/repositories/ada/tree')).status).toBe(204)
  expect(existsSync(join(folders, id))).toBe(false)
})
