// Times as people say them, with the exact one at hand.
const STEPS: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [604_800, 'day', 86_400],
  [2_629_800, 'week', 604_800],
  [31_557_600, 'month', 2_629_800],
]

const relative = {
  long: new Intl.RelativeTimeFormat('en', { numeric: 'auto' }),
  narrow: new Intl.RelativeTimeFormat('en', { style: 'narrow' }),
}

/** `narrow`: as 3mo ago, where there is little room. */
export function ago(iso: string, now = Date.now(), style: keyof typeof relative = 'long'): string {
  const seconds = (Date.parse(iso) - now) / 1000
  if (Math.abs(seconds) < 10) return style === 'long' ? 'just now' : 'now'
  const [, unit, length] = STEPS.find(([limit]) => Math.abs(seconds) < limit) ?? [0, 'year', 31_557_600]
  return relative[style].format(Math.round(seconds / length), unit)
}

export function Time({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={new Date(iso).toLocaleString()}>
      {ago(iso)}
    </time>
  )
}
