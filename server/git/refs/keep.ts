// No lost history: the tips that a push overwrites or deletes stay reachable under hidden refs, with time and actor.
import { HIDDEN } from '../run/config.ts'
import { findRef, isForeign, type Refs, type Repo } from './refs.ts'
import { firstAtOrAfter } from './refparse.ts'
import type { Git } from '../run/run.ts'

export interface Tip {
  ref: string
  oid: string
}

export interface Kept extends Tip {
  /** Where it is kept. `ref` is the name that it had. */
  keptAs: string
  actor: string
  at: Date
}

const KEPT = `${HIDDEN}/kept/`
const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-([\w-]+)\/(.+)$/

/** All or none, in one transaction of git. Tips whose objects are gone are passed over. */
export async function keepTips(
  git: Git,
  repo: Repo,
  tips: readonly Tip[],
  who: { id: string; at: Date },
): Promise<void> {
  if (tips.length === 0) return
  const there = await existing(git, repo, tips)
  const folder = `${KEPT}${who.at.toISOString().replace(/[-:.]/g, '')}-${who.id.replace(/[^\w-]/g, '') || 'unknown'}`
  const input = there.map(({ ref, oid }) => `update ${folder}/${ref.replace(/^refs\//, '')}\0${oid}\0\0`).join('')
  await git.exec({ name: 'keep tips', args: ['update-ref', '--stdin', '-z'], cwd: repo.path, repo: repo.id, input })
}

async function existing(git: Git, repo: Repo, tips: readonly Tip[]): Promise<Tip[]> {
  const { stdout } = await git.exec({
    name: 'look for tips',
    args: ['cat-file', '--batch-check=%(objecttype)'],
    cwd: repo.path,
    repo: repo.id,
    input: tips.map(({ oid }) => `${oid}\n`).join(''),
  })
  const lines = stdout.toString('latin1').split('\n')
  return tips.filter((_tip, i) => !lines[i]?.endsWith(' missing'))
}

/** What is kept, the newest first. To restore one, point a ref at its object id: nothing else is needed. */
export async function listKept(refs: Refs, repo: Repo): Promise<Kept[]> {
  const snapshot = await refs.read(repo)
  if (isForeign(snapshot)) return []
  const kept: Kept[] = []
  for (let i = firstAtOrAfter(snapshot.refs, KEPT); ; i++) {
    const ref = snapshot.refs[i]
    if (!ref?.name.startsWith(KEPT)) break
    const parts = NAME.exec(ref.name.slice(KEPT.length))
    if (!parts) continue
    const [, year, month, day, hour, minute, second, milli, actor = '', name = ''] = parts
    const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`)
    kept.push({ ref: `refs/${name}`, oid: ref.oid, keptAs: ref.name, actor, at })
  }
  return kept.reverse()
}

/** Gives up what is kept there, for a purge: its objects go with the next prune. */
export async function forgetKept(
  rooms: { git: Git; refs: Refs },
  repo: Repo,
  keptAs: readonly string[],
): Promise<void> {
  const snapshot = await rooms.refs.read(repo)
  if (isForeign(snapshot)) return
  const ours = keptAs.filter((name) => name.startsWith(KEPT) && findRef(snapshot, name))
  const input = ours.map((name) => `delete ${name}\0\0`).join('')
  const args = ['update-ref', '--stdin', '-z']
  await rooms.git.exec({ name: 'forget kept', args, cwd: repo.path, repo: repo.id, input })
}
