// Transfers of git in all processes, for admins: what is under way, and the end of one of them.
import type { TransferEntry } from '../../contract/operations.ts'
import { Fault } from '../../kit/fault.ts'
import type { Transfer } from '../../meters/transfers.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms } from '../../rooms.ts'
import { namesOf } from './store.ts'

async function everywhere(rooms: Rooms): Promise<Transfer[]> {
  const { answers } = await rooms.neighbours.ask('transfers')
  return answers.flatMap(({ value }) => (value ?? []) as Transfer[])
}

export async function listTransfers(rooms: Rooms): Promise<TransferEntry[]> {
  const found = await everywhere(rooms)
  const names = await namesOf(rooms.db.read, [...new Set(found.map(({ repository }) => repository))])
  return found
    .toSorted((a, b) => a.since - b.since)
    .map(({ id, service, repository, account, address, since, bytes }) => {
      const began = new Date(since).toISOString()
      return { id, service, repository: names.get(repository) ?? '', account, address, since: began, bytes }
    })
}

/** The client gets an error, git ends as it does for one that went away; what was acknowledged stays. */
export async function cancelTransfer(rooms: Rooms, by: { id: string; address: string }, id: string): Promise<void> {
  const found = (await everywhere(rooms)).find((one) => one.id === id)
  if (!found) throw new Fault('not-found', { detail: 'This transfer has ended already.' })
  const { service, account } = found
  await rooms.db.write((tx) =>
    record(tx, {
      kind: 'repo:transfer-cancelled',
      actorId: by.id,
      repositoryId: found.repository,
      address: by.address,
      data: { service, account },
    }),
  )
  rooms.bus.tell({ kind: 'end-transfer', id })
}
