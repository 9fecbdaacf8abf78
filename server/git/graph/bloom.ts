// The filters of changed paths in git's commit-graph: which commits surely did not touch a path. Pure arithmetic.

export interface BloomSettings {
  hashes: number
}

/** What is looked for. Computed once per path, asked of many commits. */
export type BloomKey = Uint32Array

const SEEDS = [0x293ae76f, 0x7e646e2c] as const

/** Undefined for paths about which the filters say nothing: git's first version of them hashes bytes above 127 oddly. */
export function bloomKey(path: Buffer, { hashes }: BloomSettings): BloomKey | undefined {
  if (path.some((byte) => byte > 0x7f)) return undefined
  const [first, second] = SEEDS.map((seed) => murmur3(seed, path))
  return Uint32Array.from({ length: hashes }, (_, i) => (first ?? 0) + i * (second ?? 0))
}

/** False only when the commit surely did not touch the path. */
export function mayContain(filter: Buffer, key: BloomKey): boolean {
  const bits = filter.length * 8
  // An empty filter was not computed.
  if (bits === 0) return true
  for (const hash of key) {
    const bit = hash % bits
    if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

/** MurmurHash3 for 32 bits. */
export function murmur3(seed: number, data: Buffer): number {
  let hash = seed
  const whole = data.length - (data.length % 4)
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(data.readUInt32LE(at))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  if (whole < data.length) hash ^= scramble(data.readUIntLE(whole, data.length - whole))
  hash ^= data.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
