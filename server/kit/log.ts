// The log: one JSON line per entry on stderr. Secrets are masked by field name before anything is written.
import pino, { type Logger } from 'pino'
import { openSink } from './sink.ts'

export type Log = Logger

const SECRET_FIELDS = ['password', 'token', 'authorization', 'cookie', 'secret', 'code']

/** `mixin`: what each line says besides its own words. */
export function openLog(level: string, mixin: () => object = () => ({})): Log {
  return pino(
    {
      level,
      base: undefined,
      mixin,
      serializers: { err: withKind },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[masked]' },
    },
    openSink(2),
  )
}

/** The code of an error is no secret, but has the name of one. */
function withKind(error: Error): object {
  const { code, ...rest } = pino.stdSerializers.err(error) as pino.SerializedError & { code?: unknown }
  return code === undefined ? rest : { kind: code, ...rest }
}
