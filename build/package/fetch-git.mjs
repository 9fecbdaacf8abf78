// Fetches the git that goes into a package: for builders with the internet, once per version and platform. What comes is
// compared with the pinned sum before it is unpacked; a package without it uses the git of the system.
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../fresh.mjs'

/** The folder with `bin/git` (on Windows `cmd/git.exe`) for this platform; it may not be there yet. */
export function gitFolder(target) {
  return join(root, 'release', 'git', `${pinned().version}-${target}`)
}

export function pinned() {
  return JSON.parse(readFileSync(join(root, 'build', 'package', 'git.json'), 'utf8'))
}

/**
 * @param {string} target such as `linux-x64`
 * @param {(url: string) => Promise<Uint8Array>} load gives the bytes at an address; another one for tests
 * @throws when there is none for the platform, or what came is not what is pinned
 */
export async function fetchGit(target, load = download) {
  const folder = gitFolder(target)
  if (existsSync(folder)) return folder
  const archive = pinned().archives[target]
  if (!archive) throw new Error(`There is no git for ${target} in build/package/git.json.`)
  const bytes = await load(archive.url)
  const sum = createHash('sha256').update(bytes).digest('hex')
  if (sum !== archive.sha256) throw new Error(`${archive.url} has the sum ${sum}; pinned is ${archive.sha256}.`)
  const fresh = `${folder}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  try {
    writeFileSync(`${fresh}.tar.gz`, bytes)
    const { status, stderr } = spawnSync('tar', ['-xzf', `${fresh}.tar.gz`, '-C', fresh], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The archive could not be unpacked: ${stderr}`)
    renameSync(fresh, folder)
  } finally {
    rmSync(`${fresh}.tar.gz`, { force: true })
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}

async function download(url) {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`)
  return Buffer.from(await answer.arrayBuffer())
}

if (process.argv[1] === import.meta.filename) {
  const target = process.argv[2] ?? `${process.platform}-${process.arch}`
  process.stdout.write(`${await fetchGit(target)}\n`)
}
