// How much of a disk is kept free: what an admin wrote, in bytes of that disk. Pure.
const UNITS: Record<string, number> = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
const WRITTEN = /^(\d{1,6}(?:\.\d{1,3})?) ?(%|MB|GB|TB)$/i
/** What `auto` means: the smaller of the two, so that neither a small disk nor a large one gives up much. */
const AUTO = { bytes: 2 * 1024 ** 3, percent: 5 }

/** Whether this is a way to write a reserve: `auto`, `0 MB`, `10 GB`, `5 %`. */
export function isReserve(text: string): boolean {
  if (text === 'auto') return true
  const [, number, unit] = WRITTEN.exec(text) ?? []
  return unit !== undefined && (unit !== '%' || Number(number) <= 90)
}

/** Bytes of a disk of this size. What cannot be read counts as `auto`. */
export function reserveBytes(text: string, totalBytes: number): number {
  const [, number, unit = ''] = WRITTEN.exec(text) ?? []
  if (number === undefined) return Math.min(AUTO.bytes, Math.floor((totalBytes * AUTO.percent) / 100))
  if (unit === '%') return Math.floor((totalBytes * Number(number)) / 100)
  return Math.floor(Number(number) * (UNITS[unit.toUpperCase()] ?? 0))
}
