// The text that Prometheus reads, taken apart by the letter of its format: a line that does not fit is an error.
export interface Series {
  name: string
  labels: Record<string, string>
  value: number
}

export interface Metrics {
  series: Series[]
  types: Map<string, string>
  /** Adds up all series of this name that have these labels. */
  sum: (name: string, labels?: Record<string, string>) => number
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\+Inf|-Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

export function parseMetrics(text: string): Metrics {
  if (!text.endsWith('\n')) throw new Error('the text does not end with a line feed')
  const series: Series[] = []
  const types = new Map<string, string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (type?.[1] !== undefined && type[2] !== undefined) {
      if (types.has(type[1])) throw new Error(`two headings for ${type[1]}`)
      types.set(type[1], type[2])
    } else if (!/^# HELP \S+ .+$/.test(line)) series.push(parseLine(line, types))
  }
  const keys = series.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`)
  const twice = keys.find((key, i) => keys.indexOf(key) !== i)
  if (twice !== undefined) throw new Error(`one series twice: ${twice}`)
  const sum: Metrics['sum'] = (name, labels = {}) =>
    series
      .filter((one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text))
      .reduce((total, { value }) => total + value, 0)
  return { series, types, sum }
}

function parseLine(line: string, types: Map<string, string>): Series {
  const [, name = '', inner = '', number = ''] = LINE.exec(line) ?? []
  if (name === '') throw new Error(`not a line of the format: ${line}`)
  const base = name.replace(/_(bucket|sum|count)$/, '')
  if (!types.has(name) && types.get(base) !== 'histogram') throw new Error(`no heading above ${line}`)
  return { name, labels: parseLabels(inner), value: number === '+Inf' ? Infinity : Number(number) }
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex
    const [, label = '', value = ''] = LABEL.exec(text) ?? []
    if (label === '') throw new Error(`no labels from ${at} on: ${text}`)
    labels[label] = value
  }
  return labels
}
