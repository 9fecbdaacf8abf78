// Events: what happened, by whom, from where. Written in the transaction of the change, told after it.
import type { Handle } from '../db/open.ts'

export interface NewEvent {
  kind: string
  actorId?: string | null
  workspaceId?: string | null
  repositoryId?: string | null
  address?: string
  /** Facts without secrets. */
  data?: Record<string, unknown>
}

const recordedIn = new WeakSet<object>()

/** Whether something was recorded in this transaction: who reads on in the events is told once it is committed. */
export function hasRecorded(tx: object): boolean {
  return recordedIn.has(tx)
}

/** Appends the event and gives its number. */
export async function record(tx: Handle, event: NewEvent): Promise<number> {
  const row = await tx
    .insertInto('events')
    .values({
      kind: event.kind,
      actor_id: event.actorId ?? null,
      workspace_id: event.workspaceId ?? null,
      repository_id: event.repositoryId ?? null,
      address: event.address ?? '',
      data: JSON.stringify(event.data ?? {}),
      created_at: new Date().toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  recordedIn.add(tx)
  return row.id
}
