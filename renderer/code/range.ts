// Lines that an address names behind its #: one, or from one to another.
import { useRouterState } from '@tanstack/react-router'
import { useMemo } from 'react'

export interface Range {
  from: number
  to: number
}

/** `lines-3:7` and `lines-3` as they stand behind the # of an address. */
export function parseRange(hash: string): Range | undefined {
  const match = /^#?lines-(\d{1,7})(?::(\d{1,7}))?$/.exec(hash)
  if (!match) return undefined
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  return { from: Math.min(from, to), to: Math.max(from, to) }
}

export function rangeText({ from, to }: Range): string {
  return from === to ? `lines-${from}` : `lines-${from}:${to}`
}

export function useRange(): Range | undefined {
  const hash = useRouterState({ select: (state) => state.location.hash })
  return useMemo(() => parseRange(hash), [hash])
}
