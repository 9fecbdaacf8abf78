// Routes of deploy tokens: admins of a repository give a machine a way into it that belongs to no person.
import { z } from 'zod'
import { CreatedDeployToken, DeployToken, NewDeployToken } from '../../contract/deploy.ts'
import { Fault } from '../../kit/fault.ts'
import { hashSecret, newId, newSecret } from '../../kit/secret.ts'
import { record } from '../../outbox/events.ts'
import { done, json, route, type Route } from '../../route.ts'
import type { Actor, RepositoryView } from '../../rooms.ts'
import { DEPLOY_PREFIX } from '../accounts/bearers.ts'
import { personOf } from '../accounts/session.ts'
import * as store from './store.ts'

const PATH = '/api/gitstead/1/repositories/:workspace/:repo_slug/deploy-tokens'

function present(row: store.DeployRow): DeployToken {
  return {
    id: row.id,
    name: row.name,
    permission: row.permission,
    created_by: row.maker,
    created_on: row.created_at,
    expires_on: row.expires_at,
    last_used_on: row.last_used_at,
  }
}

type Noted = { actor: Actor; repository: RepositoryView; address: string }

function noted(ask: Noted, kind: string, data: Record<string, unknown>) {
  const { id: repositoryId, workspace_id: workspaceId } = ask.repository
  return { kind, actorId: personOf(ask).id, workspaceId, repositoryId, address: ask.address, data }
}

export const deployRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: PATH,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Deploy tokens of the repository, without their secrets',
    answer: z.object({ values: z.array(DeployToken) }),
    handle: async (rooms, { repository }) =>
      json({ values: (await store.listDeployTokens(rooms.db.read, repository.id)).map(present) }),
  }),
  route({
    method: 'post',
    path: PATH,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Create a deploy token; its secret is in this answer only',
    body: NewDeployToken,
    answer: CreatedDeployToken,
    handle: async (rooms, ask) => {
      const { name, permission, expires_on } = ask.body
      if (expires_on && Date.parse(expires_on) <= Date.now()) {
        const fields = { expires_on: ['This lies in the past.'] }
        throw new Fault('request.invalid', { detail: 'The expiry lies in the past.', fields })
      }
      const secret = newSecret(DEPLOY_PREFIX)
      const maker = personOf(ask)
      const row = {
        id: newId(),
        repository_id: ask.repository.id,
        name,
        secret_hash: hashSecret(secret),
        permission,
        created_by: maker.id,
        created_at: new Date().toISOString(),
        expires_at: expires_on ? new Date(expires_on).toISOString() : null,
        last_used_at: null,
      }
      await rooms.db.write(async (tx) => {
        await store.insertDeployToken(tx, row)
        await record(tx, noted(ask, 'deploy-token:created', { id: row.id, name, permission }))
      })
      return json({ ...present({ ...row, maker: maker.name }), secret }, 201)
    },
  }),
  route({
    method: 'delete',
    path: `${PATH}/:uid`,
    access: 'repository:admin',
    scope: 'repository:admin',
    summary: 'Revoke a deploy token',
    handle: async (rooms, ask) => {
      const { uid } = ask.params
      const name = await rooms.db.write(async (tx) => {
        const gone = await store.deleteDeployToken(tx, ask.repository.id, uid)
        if (gone !== undefined) await record(tx, noted(ask, 'deploy-token:revoked', { id: uid, name: gone }))
        return gone
      })
      if (name === undefined) throw new Fault('not-found', { detail: 'There is no such deploy token.' })
      return done()
    },
  }),
]
