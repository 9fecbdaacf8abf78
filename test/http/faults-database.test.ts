// A database that is held by another program, fails at the worst moment, or cannot be migrated. FAULTS 10, 11, 12, 13.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '../../server/db/migrate.ts'
import { client, signIn } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, eventually, refsOf } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { remove, tempDir } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'

const LONG_HOLD_MS = process.env['GITSTEAD_SOAK'] === undefined ? 8000 : 30_000

/** Holds the write lock of the server's database from this process. */
function hold(data: string): () => void {
  const db = new Database(join(data, 'gitstead.db'), { timeout: 5000 })
  db.exec('begin immediate')
  return () => {
    db.exec('rollback')
    db.close()
  }
}

describe('held by another program', () => {
  let site: Site
  let name: string
  let work: string
  let path: string
  let made = 0
  // One server for all of them: it is whole after each, and the one that kills it starts the next.
  beforeAll(async () => {
    site = await openSite()
  })
  afterAll(() => closeSite(site))
  beforeEach(async () => {
    name = `web${++made}`
    ;({ work, path } = await makeRepository(site, name))
  })

  const push = (): ReturnType<typeof tryGit> => tryGit(work, ['push', remoteOf(site, name), 'main'])
  const tip = async (): Promise<[string, string]> => ['refs/heads/main', await git(work, ['rev-parse', 'main'])]

  it('for a while: a push waits, pages go on, and all is written', async () => {
    const release = hold(site.data)
    const pushed = push()
    const pages = countPages(site, 1500)
    await sleep(1500)
    expect(await refsOf(path)).toEqual(new Map())
    release()
    expect(await pushed).toMatchObject({ code: 0 })
    expect((await pages).answered).toBeGreaterThan(10)
    expect(await refsOf(path)).toEqual(new Map([await tip()]))
    expect(await broken(site.server)).toEqual([])
  })

  it('for long: pushes fail with a sentence before a ref moves, pages go on, and work afterwards', async () => {
    const release = hold(site.data)
    const pushes = [push(), push(), push()]
    const pages = countPages(site, LONG_HOLD_MS)
    const ended = await Promise.all(pushes)
    for (const { code, stderr } of ended) {
      expect(stderr).toMatch(/\[remote rejected\] main -> main \(The server is busy\. Try again in a moment\..*\)/)
      expect(code).not.toBe(0)
    }
    expect(await refsOf(path)).toEqual(new Map())
    const { answered } = await pages
    release()
    expect(answered).toBeGreaterThan(50)
    expect(await push()).toMatchObject({ code: 0 })
    expect(await broken(site.server)).toEqual([])
  })

  /** Holds the database from the moment on at which git has moved the ref, and has not told the server yet. */
  async function holdAfterRef(): Promise<() => void> {
    const [reached, go] = [join(site.dir, `reached-${name}`), join(site.dir, `go-${name}`)]
    const wait = `touch '${reached}'; while [ ! -e '${go}' ]; do sleep 0.02; done`
    hook(site.data, 'reference-transaction', `test "$1" = committed || exit 0; ${wait}`)
    await eventually(() => existsSync(reached))
    rmSync(join(site.data, 'git', 'hooks', 'reference-transaction'))
    const release = hold(site.data)
    writeFileSync(go, '')
    return release
  }

  it('after the ref moved: the client hears of success when the row is written, not before', async () => {
    const pushed = push()
    const release = await holdAfterRef()
    let told = false
    void pushed.then(() => (told = true))
    await sleep(6500)
    expect([told, await refsOf(path)]).toEqual([false, new Map([await tip()])])
    release()
    expect(await pushed).toMatchObject({ code: 0 })
    expect(await broken(site.server)).toEqual([])
  })

  it('after the ref moved, until the server is killed: the next start records the push, once', async () => {
    const pushed = push()
    const release = await holdAfterRef()
    await eventually(async () => (await refsOf(path)).size > 0)
    await sleep(300)
    await site.server.stop('SIGKILL')
    release()
    expect((await pushed).code).not.toBe(0)
    await startAgain(site)
    expect(site.server.stderr()).toMatch(/"recorded":1/)
    expect(await broken(site.server)).toEqual([])
    await site.server.stop()
    await startAgain(site)
    expect(site.server.stderr()).not.toMatch(/recorded/)
    const { values } = (await (await signIn(site.server)).get(`/api/gitstead/1/pushes?repository=ada/${name}`)).body
    expect(values).toHaveLength(1)
  })

  it('a push that changes several refs while another holds it now and then is recorded whole', async () => {
    for (let i = 0; i < 3; i++) {
      await commitFile(work, 'file', String(i))
      const pushed = tryGit(work, [
        'push',
        '-q',
        remoteOf(site, name),
        'main',
        `main:refs/heads/b${i}`,
        `main:refs/tags/t${i}`,
      ])
      for (let j = 0; j < 10; j++) {
        const release = hold(site.data)
        await sleep(20)
        release()
        await sleep(20)
      }
      expect(await pushed).toMatchObject({ code: 0 })
    }
    expect((await refsOf(path)).size).toBe(7)
    expect(await broken(site.server)).toEqual([])
  })
})

/** Asks for pages one after the other, as signed in and as guest, for so long. */
async function countPages(site: Site, ms: number): Promise<{ answered: number }> {
  const end = performance.now() + ms - 200
  const guest = client(site.server)
  let answered = 0
  while (performance.now() < end) {
    expect((await guest.get('/api/gitstead/1/session')).status).toBe(200)
    expect((await guest.get('/2.0/repositories')).status).toBe(200)
    answered += 2
    await sleep(20)
  }
  return { answered }
}

describe('migration', () => {
  let dir: string
  let file: string
  beforeEach(() => {
    dir = tempDir()
    file = join(dir, 'gitstead.db')
  })
  afterEach(() => remove(dir))

  const first = {
    number: 1,
    name: 'start',
    up: async (db: Kysely<unknown>) => {
      await sql`create table things (name text)`.execute(db)
      await sql`insert into things values ('old')`.execute(db)
    },
  }
  const second = {
    number: 2,
    name: 'more',
    up: async (db: Kysely<unknown>) => void (await sql`alter table things add column size integer`.execute(db)),
  }
  const breaks = {
    number: 3,
    name: 'shrink',
    up: async (db: Kysely<unknown>) => void (await sql`alter table nowhere drop column size`.execute(db)),
  }

  it('that fails: the database is as before, the message names step and cause, the old program starts', async () => {
    await migrate(file, [first])
    await expect(migrate(file, [first, second, breaks])).rejects.toThrow(
      /could not be brought to step 3 \(shrink\) and is as it was before: .*no such table: nowhere/,
    )
    expect(columns(file)).toEqual(['name'])
    expect(columns(`${file}.before-2`)).toEqual(['name'])
    expect(await migrate(file, [first])).toEqual({ applied: [] })
    expect(await migrate(file, [first, second])).toMatchObject({ applied: [2] })
  })

  it('that is killed in the middle: the database is as before', async () => {
    await migrate(file, [first])
    const script = `
      import { sql } from 'kysely'
      import { migrate } from '${join(import.meta.dirname, '../../server/db/migrate.ts')}'
      const up = async (db) => {
        await sql\`alter table things add column size integer\`.execute(db)
        await sql\`update things set size = 1\`.execute(db)
        console.log('in the middle')
        await new Promise(() => setInterval(() => {}, 1000))
      }
      await migrate('${file}', [{ number: 1, name: 'start', up }, { number: 2, name: 'more', up }])`
    const options = { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] as const }
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      ...options,
      stdio: [...options.stdio],
    })
    await new Promise((resolve) => child.stdout?.once('data', resolve).once('close', resolve))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    expect(await migrate(file, [first])).toEqual({ applied: [] })
    expect(columns(file)).toEqual(['name'])
    expect(await migrate(file, [first, second])).toMatchObject({ applied: [2], copy: `${file}.before-2` })
  })

  it('by two programs at once happens once', async () => {
    await migrate(file, [first])
    const both = await Promise.all([migrate(file, [first, second]), migrate(file, [first, second])])
    expect(both.map(({ applied }) => applied).toSorted((a, b) => a.length - b.length)).toEqual([[], [2]])
    expect(columns(file)).toEqual(['name', 'size'])
  })

  it('of a newer program: an older one changes nothing and names the copy that it can read', async () => {
    await migrate(file, [first])
    await migrate(file, [first, second])
    const before = readFileSync(file)
    await expect(migrate(file, [first])).rejects.toThrow(
      `Start the newer program, or put ${file}.before-2 in the place of ${file}.`,
    )
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(columns(`${file}.before-2`)).toEqual(['name'])
  })
})

function columns(of: string): string[] {
  const db = new Database(of, { readonly: true })
  const found = db.pragma('table_info(things)') as { name: string }[]
  db.close()
  return found.map(({ name }) => name)
}
