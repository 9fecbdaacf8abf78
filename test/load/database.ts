// Rows of the database that processes share: writes by one, two and four of them, and jobs from the table to their end.
import { join } from 'node:path'
import { migrate } from '../../server/db/migrate.ts'
import { type Db, openDb } from '../../server/db/open.ts'
import { enqueue } from '../../server/outbox/queue.ts'
import { KIND } from './mate.ts'
import { type Mates, openMates } from './mates.ts'
import { alone, type Line } from './results.ts'

interface Wish {
  dir: string
  rounds: number
  tell: (text: string) => void
}

/** Transactions per second of all together, and the longest that one of them took, its wait included. */
export async function writes({ dir, rounds, tell }: Wish, seconds: number): Promise<Line[]> {
  const ways = [1, 2, 4].flatMap((count) => [true, false].map((turns) => ({ count, turns })))
  const rates = new Map<string, number[]>()
  const waits = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const name = `${way.count} process${way.count > 1 ? 'es' : ''}, ${way.turns ? 'turns' : 'no turns'}`
      tell(`writes, ${name}`)
      const file = join(dir, `writes-${round}-${name.replaceAll(/\W+/g, '-')}.db`)
      await migrate(file)
      const { rate, longest } = await writing(file, way, seconds)
      rates.set(name, [...(rates.get(name) ?? []), rate])
      waits.set(name, [...(waits.get(name) ?? []), longest])
    }
  }
  return [
    ...alone({ repository: 'database', what: 'write transactions', unit: 'tx/s' }, rates),
    ...alone({ repository: 'database', what: 'longest write', unit: 'ms' }, waits),
  ]
}

async function writing(
  file: string,
  { count, turns }: { count: number; turns: boolean },
  seconds: number,
): Promise<{ rate: number; longest: number }> {
  const mates = openMates(file, { turns })
  try {
    for (let i = 0; i < count; i++) await mates.add()
    const began = performance.now()
    const all = await Promise.all(
      mates.all().map((mate) => {
        const wrote = mate.hear('wrote')
        mate.say({ kind: 'write', seconds })
        return wrote
      }),
    )
    const took = (performance.now() - began) / 1000
    return {
      rate: all.reduce((sum, one) => sum + one.count, 0) / took,
      longest: Math.max(...all.map((one) => one.longestMs)),
    }
  } finally {
    await mates.close()
  }
}

const PER_TRANSACTION = 10
const AT_ONCE = 4

/** Jobs per second, from the transaction that asks for them to the row that says they are done. */
export async function jobs({ dir, rounds, tell }: Wish, count: number): Promise<Line[]> {
  const rates = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const runners of [1, 4]) {
      const name = `${runners} runner${runners > 1 ? 's' : ''}`
      tell(`jobs, ${name}`)
      const rate = await working(join(dir, `jobs-${round}-${runners}.db`), { count, runners })
      rates.set(name, [...(rates.get(name) ?? []), rate])
    }
  }
  return alone({ repository: 'database', what: 'jobs, asked for and done', unit: 'jobs/s' }, rates)
}

async function working(file: string, { count, runners }: { count: number; runners: number }): Promise<number> {
  await migrate(file)
  const db = openDb(file)
  const mates = openMates(file, { turns: true })
  try {
    const all = await Promise.all(Array.from({ length: runners }, () => mates.add()))
    // The bounds of a kind are for all runners together.
    for (const mate of all) mate.say({ kind: 'run', parallel: AT_ONCE * runners })
    const began = performance.now()
    const finished = allDone(mates, count)
    await ask(db, mates, count)
    await finished
    while (!(await isEmpty(db))) await new Promise((resolve) => setTimeout(resolve, 2))
    return count / ((performance.now() - began) / 1000)
  } finally {
    await mates.close()
    await db.close()
  }
}

async function ask(db: Db, mates: Mates, count: number): Promise<void> {
  for (let asked = 0; asked < count; asked += PER_TRANSACTION) {
    await db.write(async (tx) => {
      for (let i = asked; i < Math.min(count, asked + PER_TRANSACTION); i++)
        await enqueue(tx, { kind: KIND, data: { i } })
    })
    for (const mate of mates.all()) mate.say({ kind: 'jobs' })
  }
}

function allDone(mates: Mates, count: number): Promise<void> {
  let done = 0
  return new Promise((resolve) => {
    for (const mate of mates.all())
      mate.on('done', () => {
        if (++done === count) resolve()
      })
  })
}

async function isEmpty(db: Db): Promise<boolean> {
  const states = ['waiting', 'running'] as const
  const left = await db.read.selectFrom('jobs').select('id').where('state', 'in', states).limit(1).executeTakeFirst()
  return left === undefined
}
