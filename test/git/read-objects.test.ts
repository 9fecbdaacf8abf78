// Objects through resident processes: answers, limits, and what happens when such a process dies.
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjects, type Objects } from '../../server/git/read/objects.ts'
import type { Repo } from '../../server/git/refs/refs.ts'
import { Fault } from '../../server/kit/fault.ts'
import { commandOf, everyProcess } from '../helpers/proc.ts'
import { ask, makeBare, makeRepository, zoo } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

let lab: Lab
let objects: Objects
let repo: Repo
let oids: string[]

beforeAll(async () => {
  lab = await openLab()
  objects = openObjects(lab.git)
  repo = { id: 'zoo', path: join(lab.dir, 'zoo.git') }
  oids = zoo(repo.path)
})
afterAll(async () => {
  objects.close()
  await lab.close()
})

function store(data: Buffer, at = repo.path): string {
  return ask(at, ['hash-object', '-w', '--stdin'], data)
}

/** Ends the processes that stay for a repository as an outsider would. */
function killResidents(cwd: string): void {
  for (const pid of everyProcess())
    if (commandOf(pid).includes('--batch-command') && folderOf(pid) === cwd) process.kill(pid, 'SIGKILL')
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

describe('objects', () => {
  it('gives kind, size and bytes', async () => {
    const blob = store(Buffer.from('hello'))
    expect(await objects.info(repo, blob)).toEqual({ oid: blob, kind: 'blob', size: 5 })
    expect((await objects.read(repo, blob))?.data?.toString()).toBe('hello')
    const commit = await objects.read(repo, `${oids[0]?.slice(0, 8)}^{commit}`)
    expect([commit?.oid, commit?.kind]).toEqual([oids[0], 'commit'])
    expect((await objects.read(repo, store(Buffer.alloc(0))))?.data?.length).toBe(0)
  })
  it('gives the beginning of one that is larger, and never takes that for the whole', async () => {
    const text = `tree ${ask(repo.path, ['mktree'], Buffer.alloc(0))}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n`
    const large = text + 'x'.repeat(2_000_000)
    const commit = ask(repo.path, ['hash-object', '-w', '-t', 'commit', '--stdin'], Buffer.from(large))
    const read = async (options: { max: number; part?: boolean }): Promise<string | undefined> =>
      (await objects.read(repo, commit, options))?.data?.toString()
    for (let n = 0; n < 2; n++) expect(await read({ max: 1000, part: true })).toBe(large.slice(0, 1000))
    expect(await read({ max: 1000 })).toBeUndefined()
    expect(await read({ max: 3_000_000 })).toBe(large)
    expect(await read({ max: 3_000_000, part: true })).toBe(large)
  })
  it('knows nothing of what is not there', async () => {
    expect(await objects.info(repo, 'f'.repeat(40))).toBeUndefined()
    expect(await objects.read(repo, 'ffff')).toBeUndefined()
    expect(await objects.info(repo, `${store(Buffer.from('x'))}^{tree}`)).toBeUndefined()
  })
  it('refuses expressions that are no ids before git sees them', async () => {
    for (const name of ['HEAD', 'main', '-p', `${oids[0]}\nHEAD`, `${oids[0]}:README.md`, '', 'abc', '@', 'refs/x'])
      await expect(objects.info(repo, name)).rejects.toThrow('not an object id')
  })
  it('says of an ambiguous id that it is so', async () => {
    const many = { id: 'many', path: join(lab.dir, 'many.git') }
    makeBare(many.path)
    const seen = new Map<string, string>()
    for (let i = 0; ; i++) {
      const text = String(i)
      const start = createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex').slice(0, 4)
      const twin = seen.get(start)
      seen.set(start, text)
      if (twin === undefined) continue
      for (const data of [twin, text]) store(Buffer.from(data), many.path)
      return expect(objects.info(many, start)).rejects.toThrow(Fault)
    }
  })
  it('gives of larger objects the size alone, and goes on', async () => {
    const large = store(randomBytes(900_000))
    const small = store(Buffer.from('after'))
    const [a, b, c] = await Promise.all([
      objects.read(repo, large, { max: 1000 }),
      objects.read(repo, small),
      objects.read(repo, large, { max: 900_000 }),
    ])
    expect([a?.size, a?.data]).toEqual([900_000, undefined])
    expect(b?.data?.toString()).toBe('after')
    expect(c?.data?.length).toBe(900_000)
  })
  it('answers a thousand questions at once in order with two processes', async () => {
    const blobs = Array.from({ length: 20 }, (_, i) => store(Buffer.from(`blob ${i}`)))
    const wanted = Array.from({ length: 1000 }, (_, i) => blobs[i % 20] ?? '')
    const spawned = lab.git.spawned
    const found = await Promise.all(wanted.map((oid) => objects.read(repo, oid)))
    expect(found.map((object) => object?.data?.toString())).toEqual(wanted.map((_, i) => `blob ${i % 20}`))
    expect(lab.git.spawned - spawned).toBeLessThanOrEqual(2)
  })
  it('sees objects that came after it started', async () => {
    await objects.info(repo, oids[0] ?? '')
    const [fresh = ''] = makeRepository(join(lab.dir, 'other.git'), { commits: [{ message: 'elsewhere' }] })
    ask(repo.path, ['fetch', '-q', join(lab.dir, 'other.git'), fresh])
    expect((await objects.read(repo, fresh))?.kind).toBe('commit')
  })
})

describe('streams', () => {
  it('gives a blob as a whole', async () => {
    const data = randomBytes(3_000_000)
    const stream = await objects.stream(repo, store(data))
    expect((await buffer(stream)).equals(data)).toBe(true)
  })
  it('fails when git does, and ends git when the reader goes', async () => {
    await expect(objects.stream(repo, 'f'.repeat(40)).then(buffer)).rejects.toThrow(Fault)
    const stream = await objects.stream(repo, store(randomBytes(3_000_000)))
    stream.destroy()
    await expect.poll(() => lab.git.running().filter(({ name }) => name === 'read blob').length).toBe(0)
  })
  it('refuses what is no id', () => {
    expect(() => objects.stream(repo, '--textconv')).toThrow('not an object id')
  })
})

describe('when things break', () => {
  it('asks again when its process is killed', async () => {
    const before = await objects.info(repo, oids[1] ?? '')
    const asked = Array.from({ length: 200 }, (_, i) => objects.info(repo, oids[i % oids.length] ?? ''))
    killResidents(repo.path)
    expect((await Promise.all(asked)).every((info) => info?.kind === 'commit')).toBe(true)
    killResidents(repo.path)
    expect(await objects.info(repo, oids[1] ?? '')).toEqual(before)
  })
  it('refuses a damaged object in words, and answers what was asked with it', async () => {
    const bad = { id: 'bad', path: join(lab.dir, 'bad.git') }
    makeBare(bad.path)
    const broken = store(Buffer.from('x'.repeat(5000)), bad.path)
    const whole = store(Buffer.from('whole'), bad.path)
    const file = join(bad.path, 'objects', broken.slice(0, 2), broken.slice(2))
    chmodSync(file, 0o600)
    truncateSync(file, 20)
    const [first, second] = await Promise.allSettled([objects.read(bad, broken), objects.read(bad, whole)])
    if (first.status === 'fulfilled') expect(first.value).toBeUndefined()
    else expect(first.reason).toMatchObject({ code: 'git.corrupt' })
    expect(second.status === 'fulfilled' && second.value?.data?.toString()).toBe('whole')
  })
  it('refuses a folder that is no repository, however much is asked of it', async () => {
    const none = { id: 'none', path: join(lab.dir, 'none.git') }
    makeBare(none.path)
    writeFileSync(join(none.path, 'HEAD'), 'nonsense')
    const spawned = lab.git.spawned
    const asked = Array.from({ length: 300 }, () => objects.info(none, oids[0] ?? ''))
    const ends = await Promise.allSettled(asked)
    expect(ends.every((end) => end.status === 'rejected' && end.reason.code === 'git.corrupt')).toBe(true)
    expect(lab.git.spawned - spawned).toBeLessThan(10)
  })
  it('keeps the processes of sixteen repositories', async () => {
    for (let i = 0; i < 20; i++) await objects.info({ id: `same-${i}`, path: repo.path }, oids[0] ?? '')
    expect(objects.processes).toBeLessThanOrEqual(17)
  })
  it('leaves questions of those who have gone', async () => {
    const gone = new AbortController()
    gone.abort(new Error('gone'))
    await expect(objects.info(repo, 'abcd', gone.signal)).rejects.toThrow('gone')
  })
})
