// A line of the server's log as a person reads it: when, how grave, what; what is no such line stays as it is.
const LEVELS: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

interface Line {
  time?: number
  level?: number
  msg?: string
}

export function readable(text: string): string {
  const line = parse(text)
  if (line?.msg === undefined || line.time === undefined) return text
  const { time, level, msg, ...rest } = line
  const facts = Object.entries(rest)
    .filter(([name]) => !['pid', 'hostname', 'v'].includes(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [new Date(time).toLocaleTimeString(), (LEVELS[level ?? 0] ?? '').padEnd(5), msg, ...facts].join('  ')
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
