// The one table: what was measured side by side, as ratios, with the aims beside them.
import { verdicts } from './aims.ts'
import type { Figure, Line, Measured } from './results.ts'

const HEAD = [
  'repository',
  'what',
  'how',
  'at once',
  'ours (min–max)',
  'http-b. or git',
  'ratio',
  'limit',
  'ratio',
  'CPU ms',
  'http-b.',
  'ratio',
  'limit',
  'aim',
]

export function table(all: Line[]): string {
  const rows = [HEAD, ...all.map(cells)]
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const text = rows.map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0, i))
      .join('  ')
      .trimEnd(),
  )
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return text.join('\n')
}

/** Words to the left, figures to the right. */
function pad(cell: string, width: number, column: number): string {
  return column < 3 || column === HEAD.length - 1 ? cell.padEnd(width) : cell.padStart(width)
}

function cells(line: Line): string[] {
  const { ours, backend, limit, unit } = line
  return [
    line.repository,
    line.what,
    line.variant,
    String(line.clients),
    `${short(ours.value.median)} ${unit} (${range(ours.value)})`,
    backend ? short(backend.value.median) : '',
    ratio(ours, backend, 'value'),
    limit ? short(limit.value.median) : '',
    ratio(ours, limit, 'value'),
    short(ours.cpuMs.median),
    backend ? short(backend.cpuMs.median) : '',
    ratio(ours, backend, 'cpuMs'),
    limit ? short(limit.cpuMs.median) : '',
    verdicts(line)
      .map(({ text, measured, met }) => `${text}: ${short(measured)} ${met ? 'met' : 'MISSED'}`)
      .join('; '),
  ]
}

function ratio(ours: Measured, other: Measured | undefined, part: keyof Measured): string {
  return other ? `x${short(ours[part].median / other[part].median)}` : ''
}

function range({ min, max }: Figure): string {
  return `${short(min)}–${short(max)}`
}

/** Three digits that matter. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return ''
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  if (value >= 10) return value.toFixed(1)
  return value >= 1 ? value.toFixed(2) : value.toFixed(value >= 0.1 ? 2 : 3)
}
