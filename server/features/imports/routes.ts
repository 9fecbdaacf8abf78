// Routes of imports: start, watch, cancel.
import { z } from 'zod'
import { Import, NewImport } from '../../contract/gitstead.ts'
import { Fault } from '../../kit/fault.ts'
import type { Job } from '../../outbox/queue.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { Actor, Rooms } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { viewById } from '../repositories/actions.ts'
import { fullName } from '../repositories/present.ts'
import { viewWorkspace } from '../workspaces/actions.ts'
import { cancelImport, importById, imports, startImport } from './actions.ts'

const OWN = '/api/gitstead/1/imports'

function present(rooms: Rooms, actor: Actor, job: Job): Import {
  const view = job.repository_id === null ? undefined : viewById(rooms.db, actor, job.repository_id)
  const { url } = JSON.parse(job.data) as { url: string }
  const percent = /(\d+)%/.exec(job.progress)?.[1]
  return {
    id: String(job.id),
    url,
    repository: view && view.permission !== 'none' ? fullName(view) : '',
    state: job.state,
    progress: job.progress,
    percent: percent === undefined ? null : Number(percent),
    error: job.error,
    created_on: job.created_at,
  }
}

export const importRoutes: Route[] = [
  route({
    method: 'post',
    path: OWN,
    access: 'user',
    scope: 'repository:admin',
    summary: 'Import a repository from an http(s) address',
    body: NewImport,
    answer: Import,
    handle: async (rooms, ask) => {
      const workspace = await viewWorkspace(rooms.db, ask.actor, ask.body.workspace)
      if (!workspace) {
        const detail = 'There is no such workspace.'
        throw new Fault('request.invalid', { detail, fields: { workspace: [detail] } })
      }
      const job = await startImport(rooms, { user: personOf(ask), workspace, address: ask.address }, ask.body)
      return json(present(rooms, ask.actor, job), 202)
    },
  }),
  route({
    method: 'get',
    path: OWN,
    access: 'user',
    scope: 'repository',
    summary: 'Imports that the account started; for an admin all of them',
    answer: z.object({ values: z.array(Import) }),
    handle: async (rooms, ask) => {
      const jobs = await imports(rooms, personOf(ask))
      return json({ values: jobs.map((job) => present(rooms, ask.actor, job)) })
    },
  }),
  route({
    method: 'get',
    path: `${OWN}/:id`,
    access: 'user',
    scope: 'repository',
    summary: 'How far an import is',
    answer: Import,
    handle: async (rooms, ask) =>
      json(present(rooms, ask.actor, await importById(rooms, personOf(ask), ask.params.id))),
  }),
  route({
    method: 'delete',
    path: `${OWN}/:id`,
    access: 'user',
    scope: 'repository:admin',
    summary: 'Cancel an import; the half-filled repository goes away',
    handle: async (rooms, ask) => {
      await cancelImport(rooms, { user: personOf(ask), address: ask.address }, ask.params.id)
      return done()
    },
  }),
]
