// What a repository is given at night: one pack with a bitmap, what nothing leads to in a pack of its own, fresh indexes.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../run/run.ts'
import { isForeign, type Refs, type Repo } from '../refs/refs.ts'
import { HIDDEN } from '../run/config.ts'
import { background, packRefs, sizeOf } from './upkeep.ts'

export interface Figures {
  bytes: number
  objects: number
  packs: number
  commits: number
  branches: number
  tags: number
  /** Tips of overwritten and deleted branches that can be restored. */
  kept: number
}

/**
 * No object is dropped, not even one that no ref leads to: a push may be about to point at it. Those go into a pack of
 * their own, with the time when each was last needed.
 */
export async function packWhole(git: Git, repo: Repo, signal: AbortSignal): Promise<boolean> {
  const { loose } = await stored(git, repo)
  const packs = await packKinds(repo)
  const due = loose > 0 || packs.plain > 1 || (packs.plain === 1 && packs.bitmaps === 0)
  if (due) {
    const args = ['repack', '--quiet', '--cruft', '-d', '-l', '--write-bitmap-index']
    await background(git, repo, { name: 'repack cruft', args, signal })
  }
  return due
}

export async function refreshIndexes(git: Git, repo: Repo, signal: AbortSignal): Promise<void> {
  await packRefs(git, repo, signal)
  const args = ['commit-graph', 'write', '--reachable', '--split=replace', '--changed-paths', '--no-progress']
  await background(git, repo, { name: 'commit-graph', args, signal })
}

export async function countAll(git: Git, refs: Refs, repo: Repo): Promise<Figures> {
  const { objects, packs } = await stored(git, repo)
  const args = ['rev-list', '--count', '--branches', '--tags']
  const { stdout } = await git.exec({ name: 'count commits', args, cwd: repo.path, repo: repo.id, deadlineMs: 600_000 })
  const snapshot = await refs.read(repo)
  const names = isForeign(snapshot) ? [] : snapshot.refs.map(({ name }) => name)
  const under = (prefix: string): number => names.filter((name) => name.startsWith(prefix)).length
  return {
    bytes: await sizeOf(repo),
    objects,
    packs,
    commits: Number(stdout.toString()) || 0,
    branches: under('refs/heads/'),
    tags: under('refs/tags/'),
    kept: under(`${HIDDEN}/kept/`),
  }
}

async function stored(git: Git, repo: Repo): Promise<{ loose: number; objects: number; packs: number }> {
  const { stdout } = await git.exec({
    name: 'count objects',
    args: ['count-objects', '-v'],
    cwd: repo.path,
    repo: repo.id,
  })
  const said = new Map([...stdout.toString().matchAll(/^([\w-]+): (\d+)$/gm)].map(([, name, n]) => [name, Number(n)]))
  const loose = said.get('count') ?? 0
  return { loose, objects: loose + (said.get('in-pack') ?? 0), packs: said.get('packs') ?? 0 }
}

async function packKinds(repo: Repo): Promise<{ plain: number; bitmaps: number }> {
  const names = await readdir(join(repo.path, 'objects/pack')).catch(() => [])
  const cruft = names.filter((name) => name.endsWith('.mtimes')).length
  return {
    plain: names.filter((name) => name.endsWith('.pack')).length - cruft,
    bitmaps: names.filter((name) => /^pack-.*\.bitmap$/.test(name)).length,
  }
}
