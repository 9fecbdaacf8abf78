// The package as electron-builder lays it out, around a program that does nothing in the place of Electron's: what it holds,
// that its server runs from it with the Node and the git beside it, and that its shell finds all of that.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchGit } from '../../build/package/fetch-git.mjs'
import { faultsOf, filesOfArchive, type Layout, layoutOf } from '../../build/package/layout.mjs'
import { openBrowser } from '../helpers/browser.ts'
import { basic, client } from '../helpers/client.ts'
import { makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { ADMIN, remove, tempDir } from '../helpers/server.ts'
import { closeDesktops, openDesktop } from './launch.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const TARGET = `${process.platform}-${process.arch}`
const dir = tempDir('gitstead-package-')
const folder = join(dir, 'release', 'linux-unpacked')
const resources = join(folder, 'resources')
let browser: Browser
let layout: Layout
let said = ''

beforeAll(async () => {
  const made = spawnSync(
    process.execPath,
    [
      join(ROOT, 'build', 'package.mjs'),
      '--dir',
      '--dummy',
      '--git',
      movedGit(join(dir, 'git')),
      '--output',
      join(dir, 'release'),
    ],
    { encoding: 'utf8', cwd: ROOT },
  )
  said = made.stdout + made.stderr
  if (made.status !== 0) throw new Error(said)
  layout = layoutOf(folder, 'gitstead')
  browser = await openBrowser()
})
afterAll(async () => {
  await closeDesktops()
  await browser?.close()
  remove(dir)
})

/** A git that is laid out as the one that packages bring along: its helpers beside it, where nothing else finds them. */
function movedGit(to: string): string {
  for (const name of ['bin', 'libexec']) mkdirSync(join(to, name), { recursive: true })
  copyFileSync(execFileSync('sh', ['-c', 'command -v git']).toString().trim(), join(to, 'bin', 'git'))
  symlinkSync(execFileSync('git', ['--exec-path']).toString().trim(), join(to, 'libexec', 'git-core'))
  return to
}

describe('the package', () => {
  it('holds what runs, of this platform, and nothing of development', () => {
    expect(faultsOf(layout, TARGET)).toEqual([])
    expect(layout.resources).toEqual(['app.asar', 'app.asar.unpacked', 'git', 'icons', 'node'])
    process.stdout.write(
      said
        .split('\n')
        .filter((line) => line.startsWith(folder))
        .join('\n') + '\n',
    )
  })

  it('would be refused with a file of development, a strange module or an open fuse', () => {
    const file = (path: string) => ({ path, bytes: 1, unpacked: true })
    const files = [
      ...layout.files,
      file('out/server/a.test.ts'),
      file('node_modules/bcrypt/prebuilds/win32-x64/b.node'),
    ]
    expect(faultsOf({ ...layout, files, fuses: { ...layout.fuses, runAsNode: true } }, TARGET)).toEqual([
      'out/server/a.test.ts is for development only',
      'node_modules/bcrypt/prebuilds/win32-x64/b.node is of another platform',
      'the fuse runAsNode is not off',
    ])
    const less = layout.files.filter(({ path }) => path !== 'out/main/index.js')
    expect(faultsOf({ ...layout, files: less, resources: ['node'] }, TARGET)).toEqual([
      'out/main/index.js is missing',
      'the folder icons is missing',
    ])
  })

  it('runs its shell and its server with the Node and the git that it brings along', async () => {
    // Plain Node reads no archives: the shell is taken out of it, as Electron would read it.
    const app = join(dir, 'app')
    takeOut(join(resources, 'app.asar'), app)
    const desktop = await openDesktop({
      browser,
      settings: {},
      bundle: join(app, 'out', 'main', 'index.js'),
      standIn: { resources },
      env: { PATH: '/nowhere' },
    })
    const { server } = await desktop.until((state) => state.server.state === 'running')
    const program = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8').split('\0').slice(0, 2)
    expect(program).toEqual([join(resources, 'node', 'node'), join(resources, 'app.asar.unpacked/out/server/main.js')])
    const url = server.url ?? ''
    await client({ url }, basic(ADMIN.name, ADMIN.password)).post('/2.0/repositories/ada/web')
    const work = join(dir, 'work')
    await makeWork(work)
    const remote = withLogin(`${url}/ada/web.git`, ADMIN.name, ADMIN.password)
    expect(await tryGit(work, ['push', '-q', remote, 'main'])).toMatchObject({ code: 0 })
    expect(await tryGit(dir, ['clone', '-q', remote, 'again'])).toMatchObject({ code: 0 })
    const page = await (await fetch(`${url}/signin`)).text()
    expect(page).toContain('<div id="root">')
  })
})

function takeOut(archive: string, to: string): void {
  const bytes = readFileSync(archive)
  const begin = 8 + bytes.readUInt32LE(4)
  for (const { path, bytes: size, unpacked, offset } of filesOfArchive(archive)) {
    const target = join(to, path)
    mkdirSync(join(target, '..'), { recursive: true })
    if (unpacked) copyFileSync(join(`${archive}.unpacked`, path), target)
    else writeFileSync(target, bytes.subarray(begin + offset, begin + offset + size))
  }
}

describe('the git for a package', () => {
  it('is not taken where it is not what is pinned', async () => {
    const other = (): Promise<Uint8Array> => Promise.resolve(Buffer.from('something else'))
    await expect(fetchGit('linux-arm64', other)).rejects.toThrow('pinned is a161f45af4626bb7')
    expect(existsSync(join(ROOT, 'release', 'git', '2.53.0-linux-arm64'))).toBe(false)
    await expect(fetchGit('plan9-mips', other)).rejects.toThrow('There is no git for plan9-mips')
  })
})
