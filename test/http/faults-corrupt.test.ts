// A repository that is damaged on disk says so; the others do not notice, and nothing answers 500. FAULTS 17.
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { basic } from '../helpers/client.ts'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

// One server for all of them, whose other repository stays whole; each test damages one of its own.
let site: Site
let name: string
let hurt: { work: string; path: string }
let made = 0
beforeAll(async () => {
  site = await openSite()
  const { work } = await filled('fine')
  await git(work, ['push', '-q', remoteOf(site, 'fine'), 'main'])
})
afterAll(() => closeSite(site))
beforeEach(async () => {
  name = `hurt${++made}`
  hurt = await filled(name)
  await git(hurt.work, ['push', '-q', remoteOf(site, name), 'main', 'main:refs/heads/topic'])
})

async function filled(repository: string): Promise<{ work: string; path: string }> {
  const { work, path } = await makeRepository(site, repository)
  for (let i = 0; i < 3; i++) await commitFile(work, `file${i}.txt`, `line ${i}\n`.repeat(200))
  return { work, path }
}

const PAGES = [
  '',
  '/src',
  '/src/main/',
  '/src/main/README.md',
  '/commits',
  '/refs',
  '/refs/branches',
  '/refs/branches/main',
  '/refs/tags',
  '/branching-model',
]

/** No page of the damaged repository fails unexpectedly, and the other one works as ever. */
async function sparesTheRest(): Promise<void> {
  for (const page of PAGES) {
    const answer = await fetch(`${site.server.url}/2.0/repositories/ada/${name}${page}`, {
      headers: basic(ADMIN.name, ADMIN.password),
    })
    const text = await answer.text()
    expect([page, answer.status, text]).not.toEqual([page, 500, text])
  }
  expect(await tryGit(site.dir, ['clone', '-q', remoteOf(site, 'fine'), `fine-clone${made}`])).toMatchObject({
    code: 0,
  })
  const fine = await fetch(`${site.server.url}/2.0/repositories/ada/fine/commits`, {
    headers: basic(ADMIN.name, ADMIN.password),
  })
  expect(fine.status).toBe(200)
  expect(site.server.stderr()).not.toMatch(/unexpected failure/)
  // Secrets have the name `code` too: what kind of fault it was is told under another one.
  expect(site.server.stderr()).not.toMatch(/"code":"\[masked\]","facts"/)
}

function clone(): ReturnType<typeof tryGit> {
  return tryGit(site.dir, ['clone', '-q', remoteOf(site, name), `clone${Math.random()}`])
}

function packs(ending: string): string[] {
  const folder = join(hurt.path, 'objects', 'pack')
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
}

/** Overwrites without a trace in the file's times, as a failing disk does. */
function overwrite(file: string, change: (bytes: Buffer) => Buffer): void {
  chmodSync(file, 0o644)
  writeFileSync(file, change(readFileSync(file)))
}

it('a truncated pack', async () => {
  for (const pack of packs('.pack')) {
    chmodSync(pack, 0o644)
    truncateSync(pack, statSync(pack).size - 100)
  }
  const { code, stderr } = await clone()
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/remote: .*(corrupt|damaged|truncated|bad)|remote error: .*(damaged|not our ref)/i)
  await sparesTheRest()
})

it('zeroed objects', async () => {
  for (const pack of packs('.pack'))
    overwrite(pack, (bytes) =>
      Buffer.concat([bytes.subarray(0, 60), Buffer.alloc(bytes.length - 120), bytes.subarray(-60)]),
    )
  const { code, stderr } = await clone()
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/remote: |remote error: /)
  await sparesTheRest()
})

it('an index that is gone', async () => {
  for (const index of packs('.idx')) rmSync(index)
  const { code, stderr } = await clone()
  expect(code).not.toBe(0)
  expect(stderr).not.toMatch(/HTTP 500|error: 500/)
  await sparesTheRest()
})

it('an empty ref: it is left out or told, the other branches go on', async () => {
  writeFileSync(join(hurt.path, 'refs', 'heads', 'main'), '')
  const listed = await tryGit(site.dir, ['ls-remote', remoteOf(site, name)])
  expect(listed.stdout + listed.stderr).toMatch(/refs\/heads\/topic|damaged/)
  expect(listed.stdout).not.toMatch(/^0{40}/m)
  await sparesTheRest()
})

it('a ref that points nowhere', async () => {
  writeFileSync(join(hurt.path, 'refs', 'heads', 'main'), `${'ab'.repeat(20)}\n`)
  const { stderr } = await clone()
  expect(stderr).not.toMatch(/HTTP 500|error: 500/)
  await sparesTheRest()
})

it('a bad HEAD', async () => {
  writeFileSync(join(hurt.path, 'HEAD'), 'nonsense\n')
  await commitFile(hurt.work, 'more', 'more')
  const { code, stderr } = await clone()
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/This repository is damaged on disk/)
  expect((await tryGit(hurt.work, ['push', remoteOf(site, name), 'main'])).stderr).toMatch(
    /This repository is damaged on disk/,
  )
  // Pages that no git is asked for are shown all the same.
  await sparesTheRest()
})

it('packed refs that cannot be read', async () => {
  await git(hurt.path, ['pack-refs', '--all'])
  writeFileSync(join(hurt.path, 'packed-refs'), '\0\0\0 nonsense \0')
  const { stderr } = await clone()
  expect(stderr).not.toMatch(/HTTP 500|error: 500/)
  await sparesTheRest()
})

it('a folder that is gone', async () => {
  rmSync(hurt.path, { recursive: true })
  const { code, stderr } = await clone()
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/This repository is damaged on disk/)
  // Pages that no git is asked for are shown all the same.
  await sparesTheRest()
})
