// Removing for good: what no ref leads to leaves the disk. Only for a repository that nobody writes to meanwhile.
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'
import { background, packRefs } from './upkeep.ts'

export interface Erasure {
  /** Since when nobody has written here: loose objects younger than this are spared. */
  since: Date
  signal: AbortSignal
  progress: (text: string) => void
}

/** Repeating it is safe; so is stopping it: what is left then goes with the next one. */
export async function eraseUnreachable(git: Git, repo: Repo, { since, signal, progress }: Erasure): Promise<void> {
  progress('Packing what is kept …')
  await dropKeepFiles(repo)
  // Names of removed tips are no longer in packed-refs either.
  await packRefs(git, repo, signal)
  const repack = ['repack', '--quiet', '-a', '-d', '-l', '--write-bitmap-index']
  await background(git, repo, { name: 'repack purge', args: repack, signal })
  progress('Removing single objects …')
  const expire = since.toISOString().replace(/\.\d+/, '')
  await background(git, repo, { name: 'prune', args: ['prune', `--expire=${expire}`], signal })
  progress('Writing the list of commits anew …')
  await rewriteGraph(git, repo, signal)
}

/** A push that was ended by force leaves a mark by which its pack would stay whole for ever. */
async function dropKeepFiles(repo: Repo): Promise<void> {
  const folder = join(repo.path, 'objects/pack')
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.keep'))) {
    const text = await readFile(join(folder, name), 'latin1')
    if (/^(receive|fetch)-pack /.test(text)) await rm(join(folder, name), { force: true })
  }
}

/** The graph holds parents, dates and changed paths of each commit: none of a removed one may stay. */
async function rewriteGraph(git: Git, repo: Repo, signal: AbortSignal): Promise<void> {
  const info = join(repo.path, 'objects/info')
  await rm(join(info, 'commit-graph'), { force: true })
  await rm(join(info, 'commit-graphs'), { recursive: true, force: true })
  const args = ['commit-graph', 'write', '--reachable', '--split=replace', '--changed-paths', '--no-progress']
  await background(git, repo, { name: 'commit-graph', args, signal })
}

/** Those of the objects that are still there. */
export async function stillThere(git: Git, repo: Repo, oids: readonly string[]): Promise<string[]> {
  if (oids.length === 0) return []
  const { stdout } = await git.exec({
    name: 'look for objects',
    args: ['cat-file', '--batch-check=%(objecttype)'],
    cwd: repo.path,
    repo: repo.id,
    input: oids.map((oid) => `${oid}\n`).join(''),
  })
  const lines = stdout.toString('latin1').split('\n')
  return oids.filter((_oid, i) => !lines[i]?.endsWith(' missing'))
}
