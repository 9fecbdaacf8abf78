// Archives: what a person unpacks is what git has, for any name of a branch; made while it is read, and ended with who reads.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Client, client, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { raw } from '../helpers/raw.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

let site: Site
let ada: Client
let work: string
let path: string
let tip: string
let unpacked = 0
/** The tree that git itself gives out. */
let exported: string

const BRANCHES = [
  'feature/one',
  'a.zip',
  'quote"and\'sign',
  '../up'.replace('../', 'dots-'),
  'ünï',
  '$(touch${IFS}x)',
  'x;y',
  'a%2fb',
]

beforeAll(async () => {
  site = await openSite()
  ;({ ada, work, path } = await makeRepository(site, 'shop'))
  mkdirSync(join(work, 'src'))
  writeFileSync(join(work, 'src', 'run.sh'), '#!/bin/sh\necho hi\n', { mode: 0o755 })
  writeFileSync(join(work, '-dash'), 'dash\n')
  writeFileSync(join(work, 'ünïcode file.txt'), 'ü\n')
  writeFileSync(join(work, 'secret.txt'), 'hidden\n')
  writeFileSync(join(work, '.gitattributes'), 'secret.txt export-ignore\nsrc/run.sh filter=evil\n')
  symlinkSync('/etc/passwd', join(work, 'link'))
  await git(work, ['add', '-A'])
  await git(work, ['commit', '-q', '-m', 'Files'])
  await git(work, ['tag', '-a', 'v1', '-m', 'One'])
  tip = await git(work, ['rev-parse', 'HEAD'])
  for (const name of BRANCHES) await git(work, ['branch', name])
  await git(work, ['push', '-q', remoteOf(site, 'shop'), '--all'])
  await git(work, ['push', '-q', remoteOf(site, 'shop'), 'v1'])
  exported = await byGit()
})
afterAll(() => closeSite(site))

function at(name: string, repo = 'shop'): string {
  return `/ada/${repo}/get/${name.split('/').map(encodeURIComponent).join('/')}`
}

interface Fetched {
  status: number
  headers: Headers
  body: Buffer
}

async function fetched(
  address: string,
  headers: Record<string, string> = basic(ADMIN.name, ADMIN.password),
): Promise<Fetched> {
  const answer = await fetch(site.server.url + address, { headers })
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }
}

/** Unpacks into a new folder and gives its one folder's name, and the id of the tree that git makes of what is in it. */
async function unpack(body: Buffer, format: string): Promise<{ folder: string; tree: string }> {
  const dir = join(site.dir, `unpacked-${++unpacked}`)
  mkdirSync(dir)
  const file = join(dir, `../${unpacked}.${format}`)
  writeFileSync(file, body)
  if (format === 'zip') execFileSync('python3', ['-c', UNZIP, file, dir])
  else execFileSync('tar', ['xzf', file, '-C', dir])
  const [folder = '', ...others] = readdirSync(dir)
  expect(others).toEqual([])
  const place = join(dir, folder)
  await git(place, ['init', '-q'])
  await git(place, ['-c', 'core.excludesFile=', 'add', '-A', '-f'])
  const tree = await git(place, ['write-tree'])
  rmSync(join(place, '.git'), { recursive: true })
  return { folder, tree }
}

/** Python's own does not make links and modes. */
const UNZIP = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    for one in z.infolist():
        at = os.path.join(sys.argv[2], one.filename)
        assert os.path.realpath(os.path.dirname(at)).startswith(os.path.realpath(sys.argv[2]))
        mode = one.external_attr >> 16
        if one.is_dir(): os.makedirs(at, exist_ok=True)
        elif mode & 0o170000 == 0o120000: os.symlink(z.read(one), at)
        else:
            open(at, 'wb').write(z.read(one))
            if mode & 0o111: os.chmod(at, 0o755)
`

/** The tree that git itself gives out: without what is not to be exported. */
async function byGit(): Promise<string> {
  const place = join(site.dir, 'by-git')
  mkdirSync(place)
  execFileSync('sh', ['-c', `git archive ${tip} | tar x -C '${place}'`], { cwd: path })
  await git(place, ['init', '-q'])
  await git(place, ['add', '-A', '-f'])
  return git(place, ['write-tree'])
}

describe('an archive', () => {
  it.each(['zip', 'tar.gz'])('as %s unpacks to what git gives out', async (format) => {
    const { status, headers, body } = await fetched(at(`main.${format}`))
    expect(status).toBe(200)
    const name = `shop-${tip.slice(0, 12)}`
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}.${format}"`)
    expect(headers.get('content-type')).toBe(format === 'zip' ? 'application/zip' : 'application/gzip')
    expect(headers.get('content-security-policy')).toMatch(/sandbox/)
    expect(await unpack(body, format)).toEqual({ folder: name, tree: exported })
  })
  it.each([...BRANCHES, 'v1', 'HEAD'])('of %s stands in a folder of our naming', async (name) => {
    const { status, headers, body } = await fetched(at(`${name}.tar.gz`))
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toBe(`attachment; filename="shop-${tip.slice(0, 12)}.tar.gz"`)
    const names = execFileSync('tar', ['tz'], { input: body }).toString().trim().split('\n')
    expect(names.filter((one) => !one.startsWith(`shop-${tip.slice(0, 12)}/`))).toEqual([])
  })
  it('is given for an id, in full and short, and not twice to whoever has it', async () => {
    const { headers } = await fetched(at(`${tip}.zip`))
    expect((await fetched(at(`${tip.slice(0, 7)}.zip`))).headers.get('etag')).toBe(headers.get('etag'))
    const again = await ada.get(at('main.zip'), { 'If-None-Match': headers.get('etag') ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
    expect(
      (await raw(site.server, { method: 'HEAD', path: at('main.zip'), headers: basic(ADMIN.name, ADMIN.password) }))
        .status,
    ).toBe(200)
  })
  it.each([
    'main',
    'main.rar',
    'nowhere.zip',
    '--output=x.zip',
    '-x.zip',
    'main\u0000.zip',
    'main\n.zip',
    '../../x.zip',
    'HEAD~1.zip',
    'main:src.zip',
    'refs/gitstead/kept/x.zip',
    '.zip',
  ])('is not to be had as %j', async (name) => {
    expect((await ada.get(`/ada/shop/get/${encodeURIComponent(name)}`)).status).toBeOneOf([400, 404])
  })
  it('says that an empty repository is empty', async () => {
    await ada.post('/2.0/repositories/ada/empty')
    const { status, body } = await ada.get(at('main.zip', 'empty'))
    expect([status, body.error.message]).toEqual([404, 'This repository has no commits yet.'])
  })
})

describe('who may', () => {
  it('is whoever reads the repository, by whatever credentials', async () => {
    expect((await client(site.server).get(at('main.zip'))).status).toBe(401)
    const eve = await teammate(site.server, ada, { name: 'eve' })
    expect((await eve.get(at('main.zip'))).status).toBe(404)
    const secret = async (scopes: string[]): Promise<string> =>
      (await ada.post('/api/gitstead/1/app-passwords', { label: 'x', scopes })).body.secret
    const reader = await secret(['repository'])
    expect((await fetched(at('main.zip'), basic('ada', reader))).status).toBe(200)
    expect((await fetched(at('main.zip'), { Authorization: `Bearer ${reader}` })).status).toBe(200)
    expect((await fetched(at('main.zip'), { Authorization: `Bearer ${await secret(['account'])}` })).status).toBe(403)
  })
  it('is nobody while the repository is switched off', async () => {
    const quarantine = '/api/gitstead/1/repositories/ada/shop/quarantine'
    await ada.put(quarantine, { mode: 'off', reason: 'A look at it.' })
    const { status, body } = await ada.get(at('main.zip'))
    await ada.put(quarantine, { mode: 'open' })
    expect([status, body.error.message]).toEqual([403, expect.stringContaining('A look at it.')])
  })
  it('is led on by the name that a repository had before', async () => {
    await ada.post('/2.0/repositories/ada/before')
    await ada.put('/2.0/repositories/ada/before', { name: 'after' })
    const { status, headers } = await ada.get('/ada/before/get/main.zip?a=b')
    expect([status, headers.get('location')]).toEqual([301, '/ada/after/get/main.zip?a=b'])
    const own = await ada.get('/api/gitstead/1/repositories/ada/before/search?q=a')
    expect(own.headers.get('location')).toBe('/api/gitstead/1/repositories/ada/after/search?q=a')
  })
})

it('runs no program that the config of a repository names', async () => {
  const canary = join(site.dir, 'canary')
  appendFileSync(
    join(path, 'config'),
    `[filter "evil"]\n\tsmudge = touch ${canary}; cat\n\tprocess = touch ${canary}\n\trequired = true\n[tar "tar.gz"]\n\tcommand = touch ${canary}; gzip\n[tar "zip"]\n\tcommand = touch ${canary}\n`,
  )
  for (const format of ['zip', 'tar.gz']) {
    const { status, body } = await fetched(at(`main.${format}`))
    expect(status).toBe(200)
    expect((await unpack(body, format)).tree).toBe(exported)
  }
  rmSync(canary, { force: true })
  await fetched(at('main.zip'))
  await fetched(at('main.tar.gz'))
  expect(readdirSync(site.dir)).not.toContain('canary')
})

async function state(): Promise<{ git: string[]; running: number }> {
  const { body } = await ada.get('/api/gitstead/1/admin/operations')
  const places = (body.classes as { name: string; running: number }[]).find(({ name }) => name === 'archive')
  const commands = (body.git as { command: string }[]).map(({ command }) => command)
  return { git: commands.filter((command) => command === 'archive'), running: places?.running ?? -1 }
}

it('ends git when the reader goes, and gives the place back', async () => {
  const { work: large } = await makeRepository(site, 'large')
  writeFileSync(join(large, 'noise.bin'), randomBytes(16 * 1024 * 1024))
  await git(large, ['add', '-A'])
  await git(large, ['commit', '-q', '-m', 'Noise'])
  await git(large, ['push', '-q', remoteOf(site, 'large'), 'main'])
  const gone = new AbortController()
  const answer = await fetch(site.server.url + at('main.zip', 'large'), {
    headers: basic(ADMIN.name, ADMIN.password),
    signal: gone.signal,
  })
  const reader = answer.body?.getReader()
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0)
  expect(await state()).toEqual({ git: ['archive'], running: 1 })
  gone.abort()
  await expect.poll(state).toEqual({ git: [], running: 0 })
})

function inside(args: string[], input: string): string {
  return execFileSync('git', args, { cwd: path, input }).toString().trim()
}

it('refuses a commit of files without end, in words', async () => {
  let tree = inside(['mktree'], `100644 blob ${inside(['hash-object', '-w', '--stdin'], 'x')}\tx\n`)
  for (let level = 0; level < 10; level++)
    tree = inside(['mktree'], Array.from({ length: 10 }, (_, i) => `040000 tree ${tree}\td${i}\n`).join(''))
  const env = ['-c', 'user.name=A', '-c', 'user.email=a@b']
  const bomb = inside([...env, 'commit-tree', '-m', 'bomb', tree], '')
  const { status, body } = await ada.get(at(`${bomb}.zip`))
  expect([status, body.error.detail]).toEqual([422, expect.stringMatching(/too many files/)])
})
