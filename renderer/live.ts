// News from the server while a page is open: one stream for all of it, which makes old what it speaks of.
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { RecentPush } from '../server/contract/gitstead.ts'
import { OWN } from './api.ts'
import { besidesSession } from './queries.ts'

/** News come in bursts; what several of them make old is asked for once. */
const GATHER_MS = 250
/** A browser opens six connections to one server: pages that nobody sees must not hold them. */
const HIDDEN_MS = 5000
const RETRY_MS = 30_000

type Key = readonly unknown[]

interface Gathered {
  keys: Map<string, Key>
  all: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

function openGathering(client: QueryClient) {
  const held: Gathered = { keys: new Map(), all: false, timer: undefined }
  const flush = (): void => {
    const { all, keys } = held
    Object.assign(held, { keys: new Map(), all: false, timer: undefined })
    if (all) void client.invalidateQueries(besidesSession)
    else for (const queryKey of keys.values()) void client.invalidateQueries({ queryKey })
  }
  const soon = (): void => {
    held.timer ??= setTimeout(flush, GATHER_MS)
  }
  return {
    old(...keys: Key[]): void {
      for (const key of keys) held.keys.set(JSON.stringify(key), key)
      soon()
    },
    allOld(): void {
      held.all = true
      soon()
    },
    /** What is held of one repository is known by its two names, whatever kind it is of. */
    oldIn(client: QueryClient, workspace: string, repo: string): void {
      for (const { queryKey } of client.getQueryCache().findAll(besidesSession))
        if (queryKey[1] === workspace && queryKey[2] === repo) this.old(queryKey)
    },
    stop: () => clearTimeout(held.timer),
  }
}

/** `reader`: who is signed in; undefined while nobody knows. Another reader gets a stream of their own. */
export function useLive(reader: string | undefined): void {
  const client = useQueryClient()
  useEffect(() => {
    if (reader === undefined) return undefined
    const gathering = openGathering(client)
    let events: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let broken = false

    const push = (event: MessageEvent<string>): void => {
      const { repository } = (JSON.parse(event.data) as { push: RecentPush }).push
      const [workspace = '', repo = ''] = repository.split('/')
      gathering.oldIn(client, workspace, repo)
      gathering.old(['pushes'], ['repositories'], ['activity'])
    }
    const open = (): void => {
      clearTimeout(timer)
      if (events && events.readyState !== EventSource.CLOSED) return
      events = new EventSource(`${OWN}/live`)
      events.addEventListener('push', push)
      events.addEventListener('jobs', () => gathering.old(['own', 'admin/jobs']))
      events.addEventListener('notice', () => gathering.old(['own', 'notices']))
      events.addEventListener('missed', () => gathering.allOld())
      events.addEventListener('open', () => {
        if (broken) gathering.allOld()
        broken = false
      })
      events.addEventListener('error', () => {
        broken = true
        // Refused rather than broken off: the browser does not try again by itself.
        if (events?.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY_MS)
      })
    }
    const close = (): void => {
      broken = true
      events?.close()
    }
    const turn = (): void => {
      clearTimeout(timer)
      if (document.visibilityState === 'visible') open()
      else timer = setTimeout(close, HIDDEN_MS)
    }
    turn()
    document.addEventListener('visibilitychange', turn)
    return () => {
      document.removeEventListener('visibilitychange', turn)
      clearTimeout(timer)
      gathering.stop()
      events?.close()
    }
  }, [client, reader])
}
