// Team workspaces over the API: made, changed, peopled, emptied; the last owner stays; people are found by name.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, signIn, teammate } from '../helpers/client.ts'
import { remove, type Server, startServer } from '../helpers/server.ts'
import { rows } from '../helpers/world.ts'

const WORKSPACES = '/api/gitstead/1/workspaces'
let server: Server
let ada: Client
let mia: Client

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  mia = await teammate(server, ada, { name: 'mia' })
  await teammate(server, ada, { name: 'olga' })
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

function eventsOf(kind: string): number {
  return rows(server, 'select id from events where kind = ?', kind).length
}

async function permissionOf(who: Client, repository: string): Promise<unknown> {
  const { status, body } = await who.get(`/2.0/repositories/${repository}`)
  return status === 200 ? body.permission : status
}

async function found(typed: string): Promise<string[]> {
  const { body } = await mia.get(`/api/gitstead/1/directory?q=${encodeURIComponent(typed)}`)
  return body.values.map(({ username }: { username: string }) => username)
}

describe('a workspace', () => {
  it('is made with what its members may do', async () => {
    const made = await ada.post(WORKSPACES, { slug: 'team', name: 'The Team', member_permission: 'read' })
    expect([made.status, made.body.slug, made.body.member_permission, made.body.role]).toEqual([
      201,
      'team',
      'read',
      'owner',
    ])
    expect(eventsOf('workspace:created')).toBe(1)
    expect((await ada.post('/2.0/repositories/team/plans')).status).toBe(201)
    expect(await permissionOf(mia, 'team/plans')).toBe(404)
    expect((await ada.put(`${WORKSPACES}/team/members/mia`, { role: 'member' })).status).toBe(204)
    expect(await permissionOf(mia, 'team/plans')).toBe('read')
  })

  it('says which field is wrong: taken, reserved, not an address', async () => {
    const answers = await Promise.all(
      ['team', 'mia', 'new-workspace', 'Team!'].map((slug) => ada.post(WORKSPACES, { slug, name: 'x' })),
    )
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 400, 400])
    expect(answers.every(({ body }) => body.error.fields.slug[0].length > 10)).toBe(true)
    const unnamed = await ada.post(WORKSPACES, { slug: 'other', name: ' ' })
    expect(unnamed.body.error.fields.name).toBeDefined()
  })

  it('is renamed and changed by its owners only, at once', async () => {
    expect((await mia.patch(`${WORKSPACES}/team`, { name: 'Mine' })).status).toBe(403)
    const changed = await ada.patch(`${WORKSPACES}/team`, { name: 'Our Team' })
    expect([changed.status, changed.body.name, changed.body.slug, changed.body.member_permission]).toEqual([
      200,
      'Our Team',
      'team',
      'read',
    ])
    await ada.patch(`${WORKSPACES}/team`, { member_permission: 'write' })
    expect(await permissionOf(mia, 'team/plans')).toBe('write')
    expect((await ada.get('/2.0/workspaces/team')).body.name).toBe('Our Team')
    expect(eventsOf('workspace:changed')).toBe(2)
  })

  it('keeps its last owner who can act', async () => {
    expect((await ada.put(`${WORKSPACES}/team/members/ada`, { role: 'member' })).status).toBe(409)
    expect((await ada.delete(`${WORKSPACES}/team/members/ada`)).status).toBe(409)
    await ada.put(`${WORKSPACES}/team/members/olga`, { role: 'owner' })
    await ada.patch('/api/gitstead/1/people/olga', { state: 'disabled' })
    const refused = await ada.delete(`${WORKSPACES}/team/members/ada`)
    expect([refused.status, refused.body.error.detail]).toEqual([409, expect.stringMatching(/needs an owner/)])
    await ada.patch('/api/gitstead/1/people/olga', { state: 'active' })
    expect((await ada.put(`${WORKSPACES}/team/members/ada`, { role: 'member' })).status).toBe(204)
    expect((await ada.put(`${WORKSPACES}/team/members/ada`, { role: 'owner' })).status).toBe(204)
  })

  it('is deleted only when it is empty, and never a person’s own', async () => {
    expect((await ada.delete(`${WORKSPACES}/team`)).status).toBe(409)
    expect((await ada.delete(`${WORKSPACES}/ada`)).status).toBe(409)
    expect((await ada.delete('/2.0/repositories/team/plans')).status).toBe(204)
    expect((await ada.delete(`${WORKSPACES}/team`)).status).toBe(204)
    expect((await ada.get('/2.0/workspaces/team')).status).toBe(404)
    expect((await mia.get('/2.0/workspaces')).body.values.map(({ slug }: { slug: string }) => slug)).toEqual([
      'ada',
      'mia',
    ])
    expect(eventsOf('workspace:deleted')).toBe(1)
  })
})

describe('finding people', () => {
  it('gives those whose name holds what was typed, without the disabled', async () => {
    expect(await found('OL')).toEqual(['olga'])
    expect(await found('%')).toEqual([])
    await ada.patch('/api/gitstead/1/people/olga', { state: 'disabled' })
    expect(await found('ol')).toEqual([])
  })

  it('tells name and id, and nothing more', async () => {
    const { body } = await mia.get('/api/gitstead/1/directory?q=ada')
    expect(Object.keys(body.values[0]).sort()).toEqual(['display_name', 'username', 'uuid'])
  })
})
