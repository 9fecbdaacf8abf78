// One stream of news for one open page: pushes that its reader may see, their own notices, and for admins the jobs.
import { PassThrough } from 'node:stream'
import type { RecentPush } from '../../contract/gitstead.ts'
import type { News } from '../../outbox/bus.ts'
import type { Ask } from '../../route.ts'
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { identify } from '../accounts/identify.ts'
import { pushOfEvent } from '../events/feed.ts'
import { viewById } from '../repositories/actions.ts'

const HEARTBEAT_MS = 20_000
/** Jobs change in bursts; a page asks for the whole list each time. */
const JOBS_PAUSE_MS = 1000
/** A page that does not read is let go rather than remembered for; it asks for all anew when it comes back. */
const MOST_UNREAD = 256 * 1024

type Listening = Pick<Ask, 'actor' | 'signal' | 'raw' | 'address'>

/** `only`: news of one repository; the stream ends when its reader may not see it any more. */
export interface Wish {
  only?: RepositoryView | undefined
  /** The newest event when it begins, and the last one that this page knows of, where it comes back after a break. */
  newest: number
  known?: number | undefined
}

type Told = { kind: 'push'; push: RecentPush } | { kind: 'jobs' } | { kind: 'notice' } | { kind: 'missed' }

/** Comment lines keep the connection from looking idle; the page reconnects by itself after a break. */
export function liveStream(rooms: Rooms, ask: Listening, { only, newest, known }: Wish): PassThrough {
  const stream = new PassThrough()
  let jobs: NodeJS.Timeout | undefined
  stream.write(`retry: 2000\nid: ${newest}\n\n`)
  if (known !== undefined && known !== newest) write({ kind: 'missed' })
  const beat = setInterval(() => void reader().then((now) => now && stream.write(': still here\n\n')), HEARTBEAT_MS)
  const silence = rooms.bus.listen((news) => {
    hear(news)?.catch((error: unknown) => rooms.log.warn({ err: error }, 'news did not reach a page'))
  })
  ask.signal.addEventListener('abort', end)
  stream.once('close', end)
  if (ask.signal.aborted) end()
  return stream

  function end(): void {
    clearInterval(beat)
    clearTimeout(jobs)
    silence()
    stream.end()
  }

  function hear(news: News): Promise<void> | undefined {
    if (news.kind === 'event') return news.event === 'repo:push' ? hearPush(news.id, news.repositoryId) : undefined
    if (only || ask.actor.kind !== 'user') return undefined
    if (news.kind === 'notice') return news.userIds.includes(ask.actor.id) ? tell({ kind: 'notice' }) : undefined
    if (news.kind === 'jobs' && ask.actor.isAdmin)
      jobs ??= setTimeout(() => {
        jobs = undefined
        tell({ kind: 'jobs' }).catch(end)
      }, JOBS_PAUSE_MS)
    return undefined
  }

  async function hearPush(id: number, repositoryId: string | null): Promise<void> {
    if (repositoryId === null || (only && only.id !== repositoryId)) return
    const now = await reader()
    const view = now && viewById(rooms.db, now, repositoryId)
    if (!view || view.permission === 'none') return
    const push = await pushOfEvent(rooms, view, id)
    if (push) write({ kind: 'push', push }, id)
  }

  async function tell(told: Told): Promise<void> {
    const now = await reader()
    if (now && (told.kind !== 'jobs' || (now.kind === 'user' && now.isAdmin))) write(told)
  }

  function write(told: Told, id?: number): void {
    if (stream.writableEnded) return
    const about = id === undefined ? '' : `id: ${id}\n`
    stream.write(`event: ${told.kind}\n${about}data: ${JSON.stringify(told)}\n\n`)
    if (stream.writableLength + stream.readableLength > MOST_UNREAD) end()
  }

  /** Who listens and what they may see is asked anew each time: both may have ended while the page was open. */
  async function reader(): Promise<Actor | undefined> {
    const now = await identify(rooms, ask.raw, ask.address).catch(() => undefined)
    if (now && isSame(now, ask.actor) && !owesFactor(now) && (!only || mayRead(now, only.id))) return now
    end()
    return undefined
  }

  function mayRead(actor: Actor, repositoryId: string): boolean {
    return (viewById(rooms.db, actor, repositoryId)?.permission ?? 'none') !== 'none'
  }
}

/** The server has begun to ask for a second factor: nothing else is open to them now. */
function owesFactor(actor: Actor): boolean {
  return actor.kind === 'user' && actor.owesFactor === true
}

function isSame(a: Actor, b: Actor): boolean {
  if (a.kind === 'guest' || b.kind === 'guest') return a.kind === b.kind
  return a.kind === b.kind && a.id === b.id && a.credential === b.credential
}
