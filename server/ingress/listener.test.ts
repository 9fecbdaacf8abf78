import { once } from 'node:events'
import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { listen } from './listener.ts'

const portOf = (server: Server): number => (server.address() as AddressInfo).port

test('of a client that goes away in the middle of its answer nothing is left, and a close does not wait for it', async () => {
  const listener = await listen((_request, response) => void response.write('and so on'), {
    host: '127.0.0.1',
    port: 0,
    idle: 600,
  })
  const asked = request({ port: portOf(listener.server), agent: false }).end()
  const [answer] = await once(asked, 'response')
  expect(listener.open()).toBe(1)
  answer.destroy()
  await vi.waitFor(() => expect(listener.open()).toBe(0))
  await listener.close(3_600_000)
})
