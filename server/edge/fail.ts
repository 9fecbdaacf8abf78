// Turns whatever was thrown into an answer: a Fault into its status and sentence, anything else into a logged 500.
import { Fault } from '../kit/fault.ts'
import type { Log } from '../kit/log.ts'
import { newId } from '../kit/secret.ts'
import { rateHeaders } from './limit.ts'

type RateFacts = Parameters<typeof rateHeaders>[0]
import { currentVisit, idOf } from '../meters/visit.ts'

export function asFault(error: unknown, log: Log, where: string): Fault {
  if (error instanceof Fault) {
    // Who found no place is counted by the lane: under a flood, a line for each would be a flood of its own.
    if (error.status >= 500 && !('lane' in error.facts))
      log.error({ where, kind: error.code, facts: error.facts }, error.message)
    return error
  }
  if (isClientError(error))
    return new Fault(error.status === 413 ? 'request.too-large' : 'request.invalid', { detail: wordsOf(error) })
  if (isExhausted(error)) {
    log.error({ where, err: error }, 'the machine has no more of something to give')
    return new Fault('busy')
  }
  // The request's own name, which its answer carries too, leads to all lines of the log that belong to it.
  const visit = currentVisit()
  const id = visit ? idOf(visit) : newId().slice(0, 8)
  log.error({ where, id, err: error }, 'unexpected failure')
  return new Fault('internal', { id })
}

/** Out of descriptors, processes or memory, at this moment. */
const EXHAUSTED = new Set<unknown>(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'])

function isExhausted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && EXHAUSTED.has(error.code)
}

/** A parser quotes the body around the place where it gave up, and what stands there may be a password. */
function wordsOf(error: Error): string {
  return 'type' in error && error.type === 'entity.parse.failed' ? 'The body is no valid JSON.' : error.message
}

/** Errors of body parsing and path decoding, which express marks with a status of 4xx. */
function isClientError(error: unknown): error is Error & { status: number } {
  return (
    error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500
  )
}

/** The body that Bitbucket's clients expect of an error. */
export function errorBody(fault: Fault): Record<string, unknown> {
  const { detail, fields, id, data } = fault.facts
  return {
    type: 'error',
    error: {
      message: fault.message,
      ...(detail ? { detail } : {}),
      ...(fields ? { fields } : {}),
      ...(id ? { id } : {}),
      data: { ...data, code: fault.code },
    },
  }
}

export function errorHeaders(fault: Fault): Record<string, string> {
  const { seconds, rate } = fault.facts
  const told = fault.code === 'rate.limited' ? rateHeaders(rate as RateFacts) : {}
  if (typeof seconds === 'number') return { ...told, 'Retry-After': String(Math.ceil(seconds)) }
  return fault.status === 503 ? { 'Retry-After': '5' } : {}
}
