// Whether a repository is whole, and whether a copy is the same: every object read, every ref compared, hidden ones too.
import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'

/** Of commands that tell what is wrong by their exit code: fsck adds up a number for each kind of damage. */
const ANY_CODE = [...Array.from({ length: 64 }, (_, code) => code), 128]
/** Where nothing but the commit-graph is wrong. */
const GRAPH_ALONE = 16
/** The graph has 34 bits for a date, and holds the rest of one that is farther away. */
const GRAPH_DATES = 2n ** 34n
/** Of what git says, the end is kept; with more than this its first line may be half a one. */
const CUT = 16_000
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
  const spoken = stderr.length > CUT ? stderr.slice(stderr.indexOf('\n') + 1) : stderr
  const lines = `${spoken}\n${stdout.toString()}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('notice:'))
  const wrong = withoutFarDates(lines)
  if (code === GRAPH_ALONE && wrong.length === 0 && lines.length > 0) return undefined
  const said = wrong.slice(0, 3).join('; ').replaceAll(`${repo.path}/`, '').replaceAll(repo.path, '')
  return said.replace(/\p{Cc}/gu, ' ').slice(0, WORDS) || `fsck ended with ${code}`
}

/** What fsck says of far dates is no damage, and neither are the generations in the graph that follow from such dates. */
export function withoutFarDates(lines: readonly string[]): string[] {
  const left = lines.filter((line) => !isFarDate(line))
  return left.length === lines.length
    ? left
    : left.filter((line) => !/^commit-graph (?:generation|has .*generation)/.test(line))
}

function isFarDate(line: string): boolean {
  const [, kept, real] = /^commit date for commit [0-9a-f]+ in commit-graph is (\d+) != (\d+)$/.exec(line) ?? []
  if (kept === undefined || real === undefined) return false
  return BigInt(real) >= GRAPH_DATES && BigInt(real) % GRAPH_DATES === BigInt(kept)
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
