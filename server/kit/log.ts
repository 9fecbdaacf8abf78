// The log: one JSON line per entry on stderr. Secrets are masked by field name before anything is written.
import pino, { type Logger } from 'pino'

export type Log = Logger

const SECRET_FIELDS = ['password', 'token', 'authorization', 'cookie', 'secret', 'code']

export function openLog(level: string): Log {
  return pino(
    {
      level,
      base: undefined,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[masked]' },
    },
    pino.destination({ dest: 2, sync: false, minLength: 0 }),
  )
}
