// Which fetch requests have the same answer: what is asked for, without what only names the client. Pure.
import type { Packet } from '../format/pktline.ts'
import { textOf, type Request } from './request.ts'

export interface FetchShape {
  /** Equal for requests with equal answers, given the same repository and refs. */
  text: string
  haves: boolean
  /** Asks for part of the history or without some objects: far less than the repository, as a rule. */
  partial: boolean
}

/** Undefined for a round of negotiation: only the last request, which says `done`, is answered by a pack for sure. */
export function fetchShape(request: Request): FetchShape | undefined {
  if (request.command !== 'fetch' || !request.args.includes('done')) return undefined
  const options = request.stated.filter((text) => text.startsWith('server-option='))
  return shape(['2', ...options, '', ...request.args])
}

/**
 * In versions 0 and 1: wants with capabilities on the first, flushes between the parts, `done` at the end. Without a
 * side band the answer has no end of its own by which we could know that it is whole.
 */
export function oldFetchShape(all: readonly Packet[]): FetchShape | undefined {
  const [first, ...rest] = all.map(textOf)
  if (!first?.startsWith('want ') || !first.includes(' side-band') || rest.at(-1) !== 'done') return undefined
  return shape(['0', first.replace(/ (?:agent|session-id)=\S*/g, ''), ...rest])
}

function shape(lines: string[]): FetchShape {
  return {
    text: lines.join('\n'),
    haves: lines.some((text) => text.startsWith('have ')),
    partial: lines.some((text) => /^(deepen|filter|shallow)\b/.test(text)),
  }
}
