// Whether a repository is whole, and whether a copy is the same: every object read, every ref compared, hidden ones too.
import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'

/** Of commands that tell what is wrong by their exit code: fsck adds up a number for each kind of damage. */
const ANY_CODE = [...Array.from({ length: 64 }, (_, code) => code), 128]
const MANY_REFS = 512 * 1024 ** 2
const WORDS = 300

/** Reads every object. What is wrong, in git's words without paths of this machine; undefined where all is well. */
export async function findDamage(git: Git, repo: Repo, signal?: AbortSignal): Promise<string | undefined> {
  const { code, stdout, stderr } = await git.exec({
    name: 'fsck',
    args: ['fsck', '--full', '--no-dangling', '--no-progress'],
    cwd: repo.path,
    repo: repo.id,
    deadlineMs: 0,
    lane: 'background',
    maxOutput: MANY_REFS,
    expect: ANY_CODE,
    ...(signal && { signal }),
  })
  if (code === 0) return undefined
  const lines = `${stderr}\n${stdout.toString()}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('notice:'))
  const said = lines.slice(0, 3).join('; ').replaceAll(`${repo.path}/`, '').replaceAll(repo.path, '')
  return said.replace(/\p{Cc}/gu, ' ').slice(0, WORDS) || `fsck ended with ${code}`
}

/** HEAD and every ref with where it stands, as one text to compare. */
export async function refList(git: Git, repo: Repo): Promise<string> {
  const ask = (name: string, args: string[]) =>
    git.exec({ name, args, cwd: repo.path, repo: repo.id, maxOutput: MANY_REFS, deadlineMs: 0, expect: [0, 1, 128] })
  const head = await ask('read HEAD', ['symbolic-ref', '-q', 'HEAD'])
  const refs = await ask('list refs', ['for-each-ref', '--format=%(objectname) %(refname) %(symref)'])
  if (refs.code !== 0) throw new Error('Its refs cannot be listed.')
  return `HEAD ${head.stdout.toString('latin1')}${refs.stdout.toString('latin1')}`
}

/**
 * Whether all that `now` leads to is there, where all that `before` leads to was found whole. Gives what is wrong, or
 * undefined. Both are lists as `refList` gives them.
 */
export async function findHoles(
  git: Git,
  repo: Repo,
  { before, now, signal }: { before: string; now: string; signal: AbortSignal },
): Promise<string | undefined> {
  const known = new Set(idsOf(before))
  const wanted = idsOf(now).filter((oid) => !known.has(oid))
  if (wanted.length === 0) return undefined
  const { code, stderr } = await git.exec({
    name: 'look for holes',
    args: ['rev-list', '--objects', '--quiet', '--stdin'],
    input: [...wanted, ...[...known].map((oid) => `^${oid}`)].join('\n') + '\n',
    cwd: repo.path,
    repo: repo.id,
    deadlineMs: 0,
    expect: ANY_CODE,
    signal,
  })
  return code === 0 ? undefined : stderr.split('\n')[0]?.replaceAll(repo.path, '').slice(0, WORDS)
}

function idsOf(list: string): string[] {
  return [...new Set([...list.matchAll(/^([0-9a-f]{40}) /gm)].map(([, oid = '']) => oid))]
}

/** Packs that are not among `known`, read from end to end. Gives the name of one that is damaged. */
export async function findBadPack(
  git: Git,
  repo: Repo,
  { known, signal }: { known: ReadonlySet<string>; signal: AbortSignal },
): Promise<string | undefined> {
  for (const name of await packNames(repo)) {
    if (known.has(name)) continue
    const args = ['verify-pack', `objects/pack/${name}`]
    const { code } = await git.exec({
      name: 'verify pack',
      args,
      cwd: repo.path,
      repo: repo.id,
      deadlineMs: 0,
      expect: ANY_CODE,
      signal,
    })
    if (code !== 0) return name
  }
  return undefined
}

/** Of the indexes of all packs. */
export async function packNames(repo: Repo): Promise<string[]> {
  const names = await readdir(join(repo.path, 'objects/pack')).catch(() => [])
  return names.filter((name) => /^pack-[0-9a-f]{40,64}\.idx$/.test(name))
}
