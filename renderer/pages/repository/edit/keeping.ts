// Nothing that was typed is lost: it is kept while it is typed, offered again, and nobody leaves it behind unasked.
import { useEffect, useRef, useState } from 'react'
import { type Leaving, useLeaving } from '../../../parts/leaving.tsx'
import { type Draft, dropDraft, keepDraft, type Place, readDraft } from './drafts.ts'

const PAUSE_MS = 400

export interface Keeping {
  /** What was typed here the last time, until somebody decides about it. */
  offered: Draft | undefined
  decide: () => void
  /** The browser has no room: only this page holds what is typed. */
  full: boolean
  /** It is committed, or not wanted: it need not be kept, and nobody is asked. */
  letGo: () => void
  leaving: Leaving
}

/** `place` stays the same object for as long as the page does. */
export function useKeeping(place: Place, now: Omit<Draft, 'at'>, dirty: boolean): Keeping {
  const [offered, setOffered] = useState(() => readDraft(place))
  const [full, setFull] = useState(false)
  const free = useRef(false)
  const latest = useRef({ place, now, dirty, was: false })
  useEffect(() => {
    latest.current = { place, now, dirty, was: latest.current.was || dirty }
  })
  const { path, text, base } = now
  useEffect(() => {
    const keep = (): boolean =>
      store({ place, now: { path, text, base }, dirty, was: latest.current.was || dirty }, free.current)
    const timer = setTimeout(() => setFull(!keep()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [place, path, text, base, dirty])
  useEffect(() => {
    const flush = (): void => void store(latest.current, free.current)
    window.addEventListener('pagehide', flush)
    return () => {
      window.removeEventListener('pagehide', flush)
      flush()
    }
  }, [])
  const leaving = useLeaving(
    () => dirty && !free.current,
    // Whoever has to sign in again comes back to what is kept.
    (pathname) => pathname !== '/sign-in',
  )
  return {
    offered,
    decide: () => setOffered(undefined),
    full,
    letGo: () => {
      free.current = true
      dropDraft(place)
    },
    leaving,
  }
}

interface Latest {
  place: Place
  now: Omit<Draft, 'at'>
  dirty: boolean
  /** Something was typed here; until then what is kept is from the last time. */
  was: boolean
}

/** False where there is no room for it. */
function store({ place, now, dirty, was }: Latest, free: boolean): boolean {
  if (free || !was) return true
  if (dirty) return keepDraft(place, { ...now, at: Date.now() })
  dropDraft(place)
  return true
}
