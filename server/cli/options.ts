// Reading of arguments, shared by all commands: an unknown option is refused, never ignored.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { type Config, readConfig } from '../config.ts'
import { wordsOf } from '../kit/fault.ts'
import { explained, Refusal } from './refusal.ts'

export const COMMON = { data: { type: 'string' } } as const satisfies ParseArgsOptionsConfig

export interface Parsed {
  values: Record<string, string | boolean | undefined>
  positionals: string[]
}

/** `most`: words beside the options; one more is refused too. Without it, the command looks at them by `needNoMore`. */
export function parse(args: string[], options: ParseArgsOptionsConfig, most = Infinity): Parsed {
  const parsed = parsedOf(args, options)
  needNoMore(parsed, most)
  return parsed
}

export function needNoMore({ positionals }: Parsed, most: number): void {
  const extra = positionals[most]
  if (extra !== undefined) throw new Refusal(`There is a word too many: ${extra}.`)
}

function parsedOf(args: string[], options: ParseArgsOptionsConfig): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...COMMON, ...options },
      allowPositionals: true,
      strict: true,
    })
    return { values, positionals }
  } catch (error) {
    throw new Refusal(wordsOf(error))
  }
}

export function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function configOf(values: Parsed['values']): Config {
  try {
    return readConfig({
      data: text(values['data']),
      host: text(values['host']),
      port: text(values['port']),
      log: text(values['log']),
      tlsCert: text(values['tls-cert']),
      tlsKey: text(values['tls-key']),
      trustedProxy: text(values['trusted-proxy']),
    })
  } catch (error) {
    throw explained(error, { data: '', host: '', port: 0 })
  }
}

/** All of standard input, without the line end. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
