// What is counted of a history, as a value that more commits can be added to. Pure.
import { z } from 'zod'
import type { Figures } from '../../contract/insights.ts'
import type { Authored } from '../../git/read/authors.ts'

const Count = z.int().min(0)

/** As it is stored. */
export const Tally = z.object({
  version: z.literal(1),
  commit: z.string(),
  /** Under whose names it was counted. */
  mailmap: z.string().nullable(),
  commits: Count,
  /** Name, address, commits, first and last in seconds. */
  people: z.array(z.tuple([z.string(), z.string(), Count, z.number(), z.number()])),
  /** Commits by week since the Monday before 1970. */
  weeks: z.array(z.tuple([z.int(), Count])),
  /** Commits by the hour of the week, from Monday. */
  hours: z.array(Count).length(168),
})
export type Tally = z.infer<typeof Tally>

/** Histories can be made of any number of people and of dates. */
const PEOPLE_MAX = 20_000
const SHOWN = 100
const WEEKS = 104
const DAY = 86_400
/** Time began on a Thursday. */
const THURSDAY = 3
const WEEK_MAX = 5300

export function emptyTally(): Tally {
  return { version: 1, commit: '', mailmap: null, commits: 0, people: [], weeks: [], hours: Array<number>(168).fill(0) }
}

export interface Counter {
  add: (one: Authored) => void
  readonly commits: number
  /** All that was counted, as of this commit. */
  tally: (commit: string, mailmap: string | undefined) => Tally
}

/** Goes on from what was counted before, which stays as it is. */
export function openCounter(before: Tally): Counter {
  const people = new Map(before.people.map((one) => [`${one[0]}\0${one[1]}`, [...one] as Tally['people'][number]]))
  const weeks = new Map(before.weeks)
  const hours = [...before.hours]
  let { commits } = before
  return {
    add: (one) => {
      commits++
      countPerson(people, one)
      const week = weekOf(one.seconds)
      if (week < 0 || week > WEEK_MAX) return
      weeks.set(week, (weeks.get(week) ?? 0) + 1)
      const hour = hourOf(one)
      hours[hour] = (hours[hour] ?? 0) + 1
    },
    get commits() {
      return commits
    },
    tally: (commit, mailmap) => ({
      version: 1,
      commit,
      mailmap: mailmap ?? null,
      commits,
      people: [...people.values()],
      weeks: [...weeks],
      hours,
    }),
  }
}

function countPerson(people: Map<string, Tally['people'][number]>, { name, email, seconds }: Authored): void {
  const key = `${name}\0${email}`
  const known = people.get(key)
  if (known) {
    known[2]++
    known[3] = Math.min(known[3], seconds)
    known[4] = Math.max(known[4], seconds)
  } else if (people.size < PEOPLE_MAX) people.set(key, [name, email, 1, seconds, seconds])
}

function weekOf(seconds: number): number {
  return Math.floor((Math.floor(seconds / DAY) + THURSDAY) / 7)
}

/** On the author's own clock. */
function hourOf({ seconds, offset }: Authored): number {
  const hours = Math.floor((seconds + offset * 60) / 3600) + THURSDAY * 24
  return ((hours % 168) + 168) % 168
}

export function figuresOf(tally: Tally, now: Date): Figures {
  const people = tally.people.toSorted((a, b) => b[2] - a[2] || (a[0] < b[0] ? -1 : Number(a[0] > b[0])))
  const weeks = new Map(tally.weeks)
  const last = weekOf(now.getTime() / 1000)
  return {
    commit: tally.commit,
    commits: tally.commits,
    contributors: tally.people.length,
    people: people.slice(0, SHOWN).map(([name, email, commits, first, latest]) => ({
      name,
      email,
      commits,
      first_on: timeOf(first),
      last_on: timeOf(latest),
    })),
    weeks: Array.from({ length: WEEKS }, (_, i) => {
      const week = last - WEEKS + 1 + i
      return { from: timeOf((week * 7 - THURSDAY) * DAY).slice(0, 10), commits: weeks.get(week) ?? 0 }
    }),
    hours: Array.from({ length: 7 }, (_, day) => tally.hours.slice(day * 24, day * 24 + 24)),
  }
}

const TIME_MAX = 253_402_300_799

function timeOf(seconds: number): string {
  return new Date(Math.min(Math.max(seconds, 0), TIME_MAX) * 1000).toISOString()
}
