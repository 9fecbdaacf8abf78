import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { openTransfers } from './transfers.ts'

const FACTS = { service: 'git-receive-pack', repository: 'r', account: 'ada', address: '127.0.0.1' } as const

function exchangeOf(destroyed: boolean): { request: IncomingMessage; response: ServerResponse } {
  const request = { socket: { bytesRead: 100, bytesWritten: 0 }, readableLength: 10 } as unknown as IncomingMessage
  return { request, response: Object.assign(new EventEmitter(), { destroyed }) as unknown as ServerResponse }
}

test('a transfer is under way until its answer closes', () => {
  const transfers = openTransfers('web1')
  const { request, response } = exchangeOf(false)
  transfers.begin({ request, response }, FACTS, () => {})
  Object.assign(request.socket, { bytesRead: 150 })
  expect(transfers.list()).toEqual([{ id: 'web1.1', ...FACTS, since: expect.any(Number), bytes: 60 }])
  response.emit('close')
  expect(transfers.list()).toEqual([])
})

test('of a client that has gone away before, none is', () => {
  const transfers = openTransfers('web1')
  transfers.begin(exchangeOf(true), FACTS, () => {})
  expect(transfers.list()).toEqual([])
})
