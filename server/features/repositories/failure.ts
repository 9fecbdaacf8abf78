// What the person at the other end of git reads when git fails here: git's own protocol carries the sentence, as a
// client shows only the number of an HTTP failure.
import { pkt } from '../../git/format/pktline.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'

const DAMAGE: [RegExp, string][] = [
  [/not (?:appear to be )?a git repository/, 'git does not take its folder for a repository'],
  [/packed-refs/, 'its packed-refs file is damaged'],
  [/pack|idx|index/, 'a pack in it cannot be read'],
  [/object|tree|commit|blob|inflate|zlib|sha1/, 'an object in it cannot be read'],
  [/ref\b|refs\//, 'a ref in it cannot be read'],
]

/** A failure of git as a Fault whose sentence says what is wrong; anything that is no Fault is thrown on. */
export function inWords(error: unknown): Fault {
  if (!(error instanceof Fault)) throw error
  const stderr = error.code === 'git.failed' ? error.facts['stderr'] : undefined
  const fatal = typeof stderr === 'string' ? /^(?:fatal|error): (.*)$/m.exec(stderr)?.[1] : undefined
  if (fatal === undefined) return error
  if (/No space left on device|Disk quota exceeded/i.test(fatal)) return new Fault('storage.full')
  const [, detail] = DAMAGE.find(([pattern]) => pattern.test(fatal)) ?? []
  return detail === undefined ? error : new Fault('git.corrupt', { ...error.facts, detail })
}

/** The whole answer to a fetch that cannot be served. What the client did wrong is left to HTTP. */
export function fetchRefusal(rooms: Rooms, repository: RepositoryView, error: unknown): Buffer {
  const fault = inWords(error)
  if (fault.status < 500) throw fault
  rooms.log.error({ err: error, repository: repository.id }, 'a fetch could not be served')
  return saidToFetch(fault)
}

/** A client shows it as `fatal: remote error: …`. */
export function saidToFetch(fault: Fault): Buffer {
  return pkt(`ERR ${fault.message}\n`)
}
