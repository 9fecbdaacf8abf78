// Newer versions: looked up where the admin said, shown, and opened in the browser. Nothing is fetched or installed by itself.
import { z } from 'zod'

const Feed = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  url: z.url({ protocol: /^https$/ }),
  notes: z.string().max(2000).default(''),
})

export interface Update {
  version: string
  url: string
  notes: string
}

/** The newer version that the feed names, or undefined. Throws in words for a person. */
export async function findUpdate(
  feed: string,
  current: string,
  ask: typeof fetch = fetch,
): Promise<Update | undefined> {
  let answer: Response
  try {
    answer = await ask(feed, {
      signal: AbortSignal.timeout(10_000),
      redirect: 'error',
      headers: { Accept: 'application/json' },
    })
  } catch {
    throw new Error(`Nobody answers at ${feed}.`)
  }
  if (!answer.ok) throw new Error(`${feed} answered with status ${answer.status}.`)
  const found = Feed.safeParse(await answer.json().catch(() => undefined))
  if (!found.success) throw new Error(`What stands at ${feed} is no notice of a version.`)
  return isNewer(found.data.version, current) ? found.data : undefined
}

export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number))
  for (let at = 0; at < 3; at++) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
