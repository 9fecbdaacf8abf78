// Events on the wire: their ids made names, their facts made words.
import type { AuditEntry } from '../../contract/events.ts'
import type { Handle } from '../../db/open.ts'
import * as store from './store.ts'
import { type Data, type Names, wordsOf } from './words.ts'

type Actor = { username: string; display_name: string }

export interface Known extends Names {
  actor(id: string | null): Actor | null
  workspace(id: string | null): string | null
  repository(id: string | null): { name: string; gone: boolean } | null
}

export function dataOf(event: Pick<store.EventRow, 'data'>): Data {
  return JSON.parse(event.data) as Data
}

/** The names of all that these events speak of, in a handful of queries. */
export async function namesOf(db: Handle, events: readonly store.EventRow[]): Promise<Known> {
  const facts = events.map(dataOf)
  const ids = {
    users: idsOf([...events.map((event) => event.actor_id), ...facts.flatMap(({ user, userId }) => [user, userId])]),
    groups: idsOf(facts.map(({ groupId }) => groupId)),
    repositories: idsOf(events.map((event) => event.repository_id)),
    workspaces: idsOf(events.map((event) => event.workspace_id)),
  }
  const found = await store.readNames(db, ids)
  const users = new Map(found.users.map((user) => [user.id, user]))
  const groups = new Map(found.groups.map(({ id, name }) => [id, name]))
  const repositories = new Map(found.repositories.map(({ id, slug, workspace }) => [id, `${workspace}/${slug}`]))
  const workspaces = new Map(found.workspaces.map(({ id, slug }) => [id, slug]))
  const gone = await goneNames(
    db,
    ids.repositories.filter((id) => !repositories.has(id)),
  )
  return {
    person: (id) => users.get(String(id))?.display_name ?? 'an account that is gone',
    group: (id) => groups.get(String(id)) ?? 'that is gone',
    workspace: (id) => workspaces.get(id ?? '') ?? null,
    actor(id) {
      const user = users.get(id ?? '')
      return user ? { username: user.name, display_name: user.display_name } : null
    },
    repository(id) {
      if (id === null) return null
      const name = repositories.get(id)
      return { name: name ?? gone.get(id) ?? '', gone: name === undefined }
    },
  }
}

/** A deploy token stands in the place of a person. */
export function machineOf({ deploy_token: token }: Data): Actor | null {
  const name = typeof token === 'object' && token !== null && 'name' in token ? token.name : undefined
  return typeof name === 'string' ? { username: name, display_name: `${name} (deploy token)` } : null
}

function idsOf(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value): value is string => typeof value === 'string'))]
}

async function goneNames(db: Handle, ids: string[]): Promise<Map<string, string>> {
  const rows = await store.readGoneNames(db, ids)
  return new Map(
    rows.map((row) => {
      const { full_name: name } = dataOf(row)
      return [row.repository_id ?? '', typeof name === 'string' ? name : '']
    }),
  )
}

export function presentEntry(event: store.EventRow, names: Known): AuditEntry {
  const data = dataOf(event)
  const repository = names.repository(event.repository_id)
  return {
    id: String(event.id),
    kind: event.kind,
    actor: names.actor(event.actor_id) ?? machineOf(data),
    words: wordsOf(event.kind, data, names),
    address: event.address,
    workspace: names.workspace(event.workspace_id),
    repository: repository?.name ?? null,
    repository_gone: repository?.gone ?? false,
    created_on: event.created_at,
    data,
  }
}
