// What a history says: as git's shortlog counts it, under the names of its .mailmap, brought up to date by what is new alone.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, client } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { addCommits, ask as plain } from '../helpers/repos.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { signIn } from '../helpers/client.ts'

const INSIGHTS = '/api/gitstead/1/repositories/ada/shop/insights'
const WEEK = 7 * 86_400
let site: Site
let ada: Client
let work: string
let path: string
let now: number

const PEOPLE = [
  'Ada <ada@example.com>',
  'Bob <bob@example.com>',
  'bobby <bob@home.example>',
  'Zoë ünï <zoe@example.com>',
]

beforeAll(async () => {
  site = await openSite()
  ;({ ada, work, path } = await makeRepository(site, 'shop'))
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
  now = Math.floor(Date.now() / 1000)
  const commits = Array.from({ length: 300 }, (_, i) => ({
    author: PEOPLE[(i % 7) % PEOPLE.length] ?? '',
    date: now - (300 - i) * 86_400 * 3,
    ...(i === 0 ? { files: { '.mailmap': 'Bob <bob@example.com> <bob@home.example>\n' } } : {}),
  }))
  // A merge, and a side line that nothing but it brings in.
  const side = Array.from({ length: 5 }, (_, i) => ({
    parents: [i === 0 ? 100 : 299 + i],
    author: 'Side <s@x>',
    date: now - 5000 + i,
  }))
  const merge = { parents: [299, 304], author: 'Merger <m@x>', date: now - 100 }
  addCommits(path, {
    commits: [...commits, ...side, merge],
    refs: { 'refs/heads/main': 305, 'refs/heads/other': 150 },
    tags: { v1: 10 },
  })
  // Kept for nobody but the restorer: never counted.
  addCommits(path, {
    commits: [{ author: 'Hidden <h@x>', date: now }],
    refs: { 'refs/gitstead/kept/20260101T000000000Z-x/heads/gone': 0 },
  })
})
afterAll(() => closeSite(site))

interface Figures {
  commit: string
  commits: number
  contributors: number
  people: { name: string; email: string; commits: number; first_on: string; last_on: string }[]
  weeks: { from: string; commits: number }[]
  hours: number[][]
}

async function figures(): Promise<Figures> {
  await expect.poll(async () => (await ada.get(INSIGHTS)).body.counting, { timeout: 15_000 }).toBeNull()
  return (await ada.get(INSIGHTS)).body.figures as Figures
}

function shortlog(): string[] {
  return plain(path, ['-c', 'mailmap.blob=main:.mailmap', 'shortlog', '-sne', 'main'])
    .split('\n')
    .map((line) => line.trim().replace('\t', ' '))
    .sort()
}

const said = ({ people }: Figures): string[] =>
  people.map(({ name, email, commits }) => `${commits} ${name} <${email}>`).sort()

it('counts people as git does, by the names of the .mailmap', async () => {
  const all = await figures()
  expect(said(all)).toEqual(shortlog())
  expect(all.commits).toBe(Number(plain(path, ['rev-list', '--count', 'main'])))
  expect(all.people.map(({ name }) => name)).not.toContain('Hidden')
  expect(all.people.map(({ name }) => name)).not.toContain('bobby')
  const { body } = await ada.get(INSIGHTS)
  expect([body.branches, body.tags]).toEqual([2, 1])
})

it('counts weeks and hours on the clock of each author', async () => {
  const { weeks, hours, people } = await figures()
  const dates = plain(path, ['log', '--format=%ad', '--date=raw', 'main']).split('\n')
  const byWeek = new Map<string, number>()
  const byHour = Array.from({ length: 7 }, () => Array<number>(24).fill(0))
  for (const date of dates) {
    const [seconds = 0, zone = 0] = date.split(' ').map(Number)
    const monday = new Date(seconds * 1000)
    monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7))
    const week = monday.toISOString().slice(0, 10)
    byWeek.set(week, (byWeek.get(week) ?? 0) + 1)
    const local = new Date((seconds + Math.trunc(zone / 100) * 3600) * 1000)
    const day = byHour[(local.getUTCDay() + 6) % 7] ?? []
    day[local.getUTCHours()] = (day[local.getUTCHours()] ?? 0) + 1
  }
  expect(weeks).toHaveLength(104)
  expect(weeks.map(({ from }) => byWeek.get(from) ?? 0)).toEqual(weeks.map(({ commits }) => commits))
  expect(Date.parse(weeks.at(-1)?.from ?? '')).toBeGreaterThan((now - WEEK) * 1000)
  expect(hours).toEqual(byHour)
  const zoe = people.find(({ name }) => name === 'Zoë ünï')
  const own = plain(path, ['log', '--format=%at', '--author=zoe@', 'main']).split('\n').map(Number)
  expect([zoe?.first_on, zoe?.last_on]).toEqual(
    [Math.min(...own), Math.max(...own)].map((at) => new Date(at * 1000).toISOString()),
  )
})

it('adds what a push brings to what it knows, and says the same as a count from the start', async () => {
  const before = await figures()
  await git(work, ['pull', '-q', '--rebase=false', '--allow-unrelated-histories', remoteOf(site, 'shop'), 'main'])
  await commitFile(work, 'new.txt', 'new\n')
  await git(work, ['push', '-q', '-f', remoteOf(site, 'shop'), 'HEAD:main'])
  const after = await figures()
  expect(after.commit).not.toBe(before.commit)
  expect(said(after)).toEqual(shortlog())
  // What stands in the file is built on: a count from the start would not know of it.
  const file = join(site.data, 'cache', 'insights', readdirSync(join(site.data, 'cache', 'insights'))[0] ?? '')
  const kept = JSON.parse(readFileSync(file, 'utf8'))
  kept.people.push(['Marked', 'marked@x', 1, now, now])
  await site.server.stop()
  writeFileSync(file, JSON.stringify(kept))
  await startAgain(site)
  ada = await signIn(site.server)
  await commitFile(work, 'newer.txt', 'newer\n')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'HEAD:main'])
  expect(said(await figures())).toContain('1 Marked <marked@x>')
})

it('counts anew where the history or the names are others', async () => {
  await commitFile(work, '.mailmap', 'Bob <bob@example.com> <bob@home.example>\nZed <zoe@example.com>\n')
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'HEAD:main'])
  const renamed = await figures()
  expect(said(renamed)).toEqual(shortlog())
  expect(renamed.people.map(({ name }) => name)).toContain('Zed')
  await git(work, ['push', '-q', '-f', remoteOf(site, 'shop'), 'HEAD~3:main'])
  expect(said(await figures())).toEqual(shortlog())
})

it('survives a file that is damaged, and goes with its repository', async () => {
  const folder = join(site.data, 'cache', 'insights')
  const [name = ''] = readdirSync(folder)
  await site.server.stop()
  writeFileSync(join(folder, name), '{"version":1,"people":"nobody"}')
  writeFileSync(join(folder, '00000000-0000-4000-8000-000000000000.json'), '{}')
  await startAgain(site)
  ada = await signIn(site.server)
  expect(said(await figures())).toEqual(shortlog())
  expect(existsSync(join(folder, name))).toBe(true)
})

it('says that there is nothing yet, and is not open to strangers', async () => {
  await ada.post('/2.0/repositories/ada/empty')
  expect((await ada.get('/api/gitstead/1/repositories/ada/empty/insights')).body.error.message).toMatch(/no commits/)
  expect((await client(site.server).get(INSIGHTS)).status).toBe(401)
  expect(ADMIN.name).toBe('ada')
})
