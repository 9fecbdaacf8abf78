// Readings in the text format that Prometheus reads. Pure.
import { BOUNDS, type Labels, type Reading } from '../../meters/meters.ts'

const PREFIX = 'gitstead_'
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** All series of a name stand together under one heading, as the format asks. */
export function prometheusText(readings: readonly Reading[]): string {
  const names = new Map<string, Reading[]>()
  for (const reading of readings) names.set(reading.name, [...(names.get(reading.name) ?? []), reading])
  const lines = [...names].flatMap(([name, series]) => {
    const [first] = series
    const heading = [`# HELP ${PREFIX}${name} ${escaped(first?.help ?? '')}`, `# TYPE ${PREFIX}${name} ${first?.kind}`]
    return heading.concat(series.flatMap(linesOf))
  })
  return `${lines.join('\n')}\n`
}

function linesOf(reading: Reading): string[] {
  const { name, labels } = reading
  if (reading.kind !== 'histogram') return [line(name, labels, reading.value)]
  let seen = 0
  const buckets = reading.counts.map((count, i) => {
    seen += count
    const bound = BOUNDS[i]
    // To a tenth of a microsecond: the same text each time, without the last digits of a root.
    const le = bound === undefined ? '+Inf' : String(Number((bound / 1000).toPrecision(5)))
    return line(`${name}_bucket`, { ...labels, le }, seen)
  })
  return [...buckets, line(`${name}_sum`, labels, reading.sum / 1000), line(`${name}_count`, labels, seen)]
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', String.raw`\"`)}"`,
  )
  return `${PREFIX}${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)
}
