// One text file for whoever is asked for help: what runs here, how it is set, what was logged last. Secrets are masked.
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os'

export interface DiagnosticsParts {
  version: string
  settings: object
  status: object
  doctor: string
  log: readonly string[]
  folder: string
}

const MASK = '[masked]'
/** What follows a telling name, credentials in addresses, and texts that are long and without a meaning. */
const SECRETS: [RegExp, string][] = [
  [/(\b(?:https?|ssh|git):\/\/)[^\s/@]+@/g, `$1${MASK}@`],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}/gi, `$1${MASK}`],
  [
    /(["']?\b(?:password|passwd|secret|token|ticket|cookie|authorization|api[-_]?key)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi,
    `$1${MASK}`,
  ],
  [/([#?&](?:token|ticket|code|secret)=)[^\s&"]+/gi, `$1${MASK}`],
  [/\bgs[a-z]?_[\w-]{10,}/g, MASK],
]

export function mask(text: string): string {
  return SECRETS.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text)
}

export function diagnosticsText(
  { version, settings, status, doctor, log, folder }: DiagnosticsParts,
  now = new Date(),
): string {
  const parts: [string, string][] = [
    ['Gitstead', `${version}, ${now.toISOString()}`],
    [
      'Machine',
      `${platform()} ${release()} ${arch()}, ${cpus().length} cores, ${gib(freemem())} of ${gib(totalmem())} free`,
    ],
    ['Data folder', folder],
    ['Settings', JSON.stringify(settings, undefined, 2)],
    ['State', JSON.stringify(status, undefined, 2)],
    ['Doctor', doctor],
    ['Log', log.join('\n')],
  ]
  return mask(parts.map(([title, text]) => `== ${title} ==\n${text}\n`).join('\n'))
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
