// The state of all processes of the server, as one sum and one by one.
import type { Neighbour } from '../../meters/neighbours.ts'
import type { Reading } from '../../meters/meters.ts'
import { addUp } from '../../meters/sum.ts'
import type { Rooms } from '../../rooms.ts'
import type { ProcessState } from './meter.ts'

export interface Everybody {
  /** All counts since the server started, those of processes that are gone included. */
  readings: Reading[]
  /** Without a state: it did not answer. */
  processes: { known: Neighbour; state: ProcessState | undefined }[]
  supervisor: { pid: number; since: number; rss: number }
}

export async function askEverybody(rooms: Pick<Rooms, 'neighbours'>): Promise<Everybody> {
  const { processes, answers, past, supervisor } = await rooms.neighbours.ask('state')
  const states = new Map(
    answers.filter(({ value }) => value !== undefined).map(({ id, value }) => [id, value as ProcessState]),
  )
  // Places for requests in a process that takes none would only seem to be there.
  const idle = new Set(processes.filter(({ role }) => role === 'jobs').map(({ id }) => id))
  const lists = [...states].map(([id, { readings }]) => {
    return idle.has(id) ? readings.filter(({ name }) => !name.startsWith('class_')) : readings
  })
  const readings = addUp([past as Reading[], ...lists])
  return {
    readings,
    processes: processes.map((known) => ({ known, state: states.get(known.id) })),
    supervisor,
  }
}
