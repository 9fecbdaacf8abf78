// What SQLite says of the disk under it, as a Fault for the person who wanted something written.
import { Fault } from '../kit/fault.ts'

export function inWords(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^SQLITE_(FULL|IOERR_(WRITE|FSYNC|TRUNCATE|SHMSIZE))/.test(code)) throw new Fault('storage.full', { cause: code })
  if (/^SQLITE_(READONLY|CANTOPEN|IOERR)/.test(code))
    throw new Fault('storage.read-only', { volume: 'of the database', cause: code })
  throw error
}
