// Counting a history: in the background, one at a time, once for all who ask, and from where the last count ended.
import type { Insights } from '../../contract/insights.ts'
import { eachAuthored, mailmapOf } from '../../git/read/authors.ts'
import { countCommits, isAncestor } from '../../git/read/history.ts'
import { readRefs, refsUnder, resolve } from '../../git/read/revisions.ts'
import { type Lru, openLru } from '../../kit/lru.ts'
import { oncePer } from '../../kit/onceper.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { dropTally, keepTally, readTally } from './keep.ts'
import { emptyTally, figuresOf, openCounter, type Tally } from './tally.ts'

interface Work {
  commit: string
  done: number
  total: number
  result: Promise<Tally>
}

interface Counting {
  known: Lru<Tally>
  /** By repository. One that failed stays for a while, so that it is not tried again with each request. */
  works: Map<string, Work>
  /** The end of the line of those who count. */
  line: Promise<unknown>
}

const KNOWN_BYTES = 16 * 1024 * 1024
const BYTES_PER_PERSON = 200
/** Most histories are counted before anybody has to be told to wait. */
const WAIT_MS = 1500
const FAILED_MS = 60_000

const countingOf = oncePer((_rooms: Rooms): Counting => ({
  known: openLru(KNOWN_BYTES),
  works: new Map(),
  line: Promise.resolve(),
}))

/** Of the main branch. Throws `git.empty` or `git.object` where there is none. */
export async function insightsOf(rooms: Rooms, repository: RepositoryView, signal: AbortSignal): Promise<Insights> {
  const repo = repoOf(rooms, repository)
  const { oid } = await resolve(rooms.reads, repo, `refs/heads/${repository.main_branch}`, signal)
  const snapshot = await readRefs(rooms.reads, repo)
  const refs = {
    branches: refsUnder(snapshot, 'refs/heads/').length,
    tags: refsUnder(snapshot, 'refs/tags/').length,
  }
  const before = await knownOf(rooms, repository.id)
  if (before?.commit === oid) return { figures: figuresOf(before, new Date()), counting: null, ...refs }
  const work = workFor(rooms, repository, oid)
  const tally = await Promise.race([work.result, late()])
  if (tally) return { figures: figuresOf(tally, new Date()), counting: null, ...refs }
  const { done, total } = work
  return { figures: before ? figuresOf(before, new Date()) : null, counting: { done, total }, ...refs }
}

function late(): Promise<undefined> {
  return new Promise((resolve) => void setTimeout(resolve, WAIT_MS, undefined).unref())
}

/** Objects went for good: names of people may have gone with them. */
export async function forgetInsights(rooms: Rooms, repositoryId: string): Promise<void> {
  countingOf(rooms).known.delete(repositoryId)
  await dropTally(rooms, repositoryId)
}

async function knownOf(rooms: Rooms, repositoryId: string): Promise<Tally | undefined> {
  const { known } = countingOf(rooms)
  const found = known.get(repositoryId) ?? (await readTally(rooms, repositoryId))
  if (found) known.set(repositoryId, found, found.people.length * BYTES_PER_PERSON)
  return found
}

/** What is under way goes on to its end, also when the branch has moved on meanwhile. */
function workFor(rooms: Rooms, repository: RepositoryView, commit: string): Work {
  const counting = countingOf(rooms)
  const { works } = counting
  const running = works.get(repository.id)
  if (running) return running
  const work: Work = { commit, done: 0, total: 0, result: Promise.resolve(emptyTally()) }
  work.result = counting.line.then(() => count(rooms, repository, work))
  counting.line = work.result.catch(() => {})
  works.set(repository.id, work)
  const leave = (): void => void works.delete(repository.id)
  work.result.then(leave, () => setTimeout(leave, FAILED_MS).unref())
  return work
}

async function count(rooms: Rooms, repository: RepositoryView, work: Work): Promise<Tally> {
  const { commit } = work
  const repo = repoOf(rooms, repository)
  // Nobody who asks ends it: the next one would begin anew. Git has its own deadline.
  const { signal } = new AbortController()
  // Another process may have counted it meanwhile.
  const before = await readTally(rooms, repository.id)
  if (before?.commit === commit) return before
  const mailmap = await mailmapOf(rooms.reads, repo, commit, signal)
  const goesOn =
    before !== undefined &&
    before.mailmap === (mailmap ?? null) &&
    (await isAncestor(rooms.reads, repo, before.commit, commit))
  const exclude = goesOn ? before.commit : undefined
  const range = { include: [commit], exclude: exclude === undefined ? [] : [exclude] }
  work.total = await countCommits(rooms.reads, repo, range, signal)
  const counter = openCounter(goesOn ? before : emptyTally())
  const each = (one: Parameters<typeof counter.add>[0]): void => {
    counter.add(one)
    work.done++
  }
  await eachAuthored(rooms.reads, repo, { include: commit, exclude, mailmap }, { signal, each })
  const tally = counter.tally(commit, mailmap)
  countingOf(rooms).known.set(repository.id, tally, tally.people.length * BYTES_PER_PERSON)
  await keepTally(rooms, repository.id, tally)
  return tally
}
