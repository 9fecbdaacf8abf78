// Processes that an earlier server left behind in this data folder: they must have ended before anybody tidies up.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 25

export interface Wait {
  /** Something that stands in the environment of these processes and of no others. */
  mark: string
  patienceMs: number
}

/** Gives whether they have all ended. Where the system does not tell environments, it waits for all of its patience. */
export async function leftoversEnd({ mark, patienceMs }: Wait): Promise<boolean> {
  const end = performance.now() + patienceMs
  for (;;) {
    const left = process.platform === 'linux' ? await marked(mark) : undefined
    if (left?.length === 0) return true
    if (performance.now() > end) return left === undefined
    await sleep(LOOK_MS)
  }
}

async function marked(mark: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    ids.map(async (id) => {
      // Processes of other accounts cannot be read, and those that end meanwhile are gone: neither is ours.
      const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(mark) ? id : undefined
    }),
  )
  return found.filter((id) => id !== undefined)
}
