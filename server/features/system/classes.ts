// The classes of requests as all processes of the server see them.
import type { ClassState } from '../../contract/ingress.ts'
import type { ClassCounts } from '../../kit/bounds.ts'
import type { Rooms } from '../../rooms.ts'

export async function classesNow(rooms: Rooms): Promise<ClassState[]> {
  const { answers } = await rooms.neighbours.ask('classes')
  return answers.flatMap(({ value }) => {
    const [process, counts] = value as [string, Record<string, ClassCounts>]
    return Object.entries(counts).map(([name, count]) => stateOf(name, process, count))
  })
}

function stateOf(name: string, process: string, { bounds, ...counts }: ClassCounts): ClassState {
  return {
    class: name,
    process,
    ...counts,
    places: bounds.running,
    line: bounds.waiting,
    patience_seconds: (bounds.patienceMs ?? 0) / 1000,
    deadline_seconds: bounds.deadlineMs === undefined ? null : bounds.deadlineMs / 1000,
  }
}
