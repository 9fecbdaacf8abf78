// Repositories in a lent folder: found by path, never outside of it, with the switches of their own config.
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { parseConfig } from '../git/refs/repoconfig.ts'
import type { Git } from '../git/run/run.ts'
import type { Repo } from '../git/wire/serve.ts'

/** A bare repository at the path, or the `.git` of one with a work tree; symbolic links may not lead out of the folder. */
export function findRepository(root: string, path: string): Repo | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  if (decoded.includes('\0') || decoded.split('/').includes('..')) return undefined
  for (const candidate of [join(root, decoded), join(root, decoded, '.git'), join(root, `${decoded}.git`)]) {
    if (!isRepository(candidate)) continue
    const real = realpathSync(candidate)
    if (real === root || real.startsWith(root + sep)) return { id: real, path: real }
  }
  return undefined
}

function isRepository(path: string): boolean {
  const is = (name: string): boolean => statSync(join(path, name), { throwIfNoEntry: false }) !== undefined
  try {
    return is('HEAD') && is('objects') && (is('refs') || is('reftable'))
  } catch {
    return false
  }
}

/** A switch of the repository's config; one with includes is read by git itself. */
export async function allows(git: Git, repo: Repo, key: string, byDefault: boolean): Promise<boolean> {
  const keys = parseConfig(readConfig(repo))
  const included = keys === undefined || [...keys.keys()].some((name) => /^include(if)?\./.test(name))
  const value = included ? await askGit(git, repo, key) : keys.get(key)
  if (value === undefined) return byDefault
  return !/^(false|no|off|0)$/i.test(value.trim()) && value.trim() !== ''
}

function readConfig(repo: Repo): string {
  try {
    return readFileSync(join(repo.path, 'config'), 'utf8')
  } catch {
    return ''
  }
}

async function askGit(git: Git, repo: Repo, key: string): Promise<string | undefined> {
  const args = ['config', '--type=bool', '--get', key]
  const { code, stdout } = await git.exec({ name: 'config', args, cwd: repo.path, expect: [0, 1, 128] })
  return code === 0 ? stdout.toString().trim() : undefined
}
