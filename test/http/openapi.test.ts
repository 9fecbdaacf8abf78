// The description of the API is made of the routes, so it names each of them.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { client } from '../helpers/client.ts'
import { remove, type Server, startServer } from '../helpers/server.ts'
import { allRoutes } from '../../server/app.ts'

let server: Server

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  remove(server.data)
})

it('describes every route with who may use it', async () => {
  const { body } = await client(server).get('/2.0/openapi.json')
  for (const record of allRoutes()) {
    const operation = body.paths[record.path.replace(/[:*](\w+)/g, '{$1}')]?.[record.method]
    expect(operation?.summary, `${record.method} ${record.path}`).toBe(record.summary)
    expect(operation.description.length).toBeGreaterThan(10)
  }
})

it('is readable as a page without scripts', async () => {
  const answer = await client(server).get('/api-docs')
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('/2.0/repositories/{workspace}/{repo_slug}')
  expect(answer.text).not.toContain('<script')
})
