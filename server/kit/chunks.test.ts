import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { CHUNK, ChunkReader, sendAll, takeChunk } from './chunks.ts'

/** Each body is of one letter; lengths that are no multiple of anything, some of them more than a connection holds. */
const LENGTHS = [20 * CHUNK + 7, 30 * CHUNK, CHUNK / 2 + 1, 10, 4 * CHUNK - 1, 2 * CHUNK + 99_999, 0]
let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function letters(letter: number, length: number): Readable {
  let left = length
  return new ChunkReader({
    highWaterMark: CHUNK,
    read() {
      const size = Math.min(CHUNK, left)
      left -= size
      this.push(size === 0 ? null : takeChunk(size).fill(letter))
    },
  })
}

async function serve(body: (at: number) => Readable, ended: () => void): Promise<number> {
  server = createServer((request, response) => {
    sendAll(body(Number(request.url?.slice(1))), response, ended)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function ask(port: number, at: number): Promise<IncomingMessage> {
  const [answer] = await once(get({ port, path: `/${at}`, agent: false }), 'response')
  return answer
}

test('what slow and fast readers get at once is theirs alone, to the last byte', async () => {
  const port = await serve(
    (at) => letters(65 + at, LENGTHS[at % LENGTHS.length] ?? 0),
    () => {},
  )
  const read = async (at: number): Promise<void> => {
    const answer = await ask(port, at)
    if (at % 2 === 0) await sleep(100)
    let size = 0
    for await (const chunk of answer) {
      expect(chunk.every((byte: number) => byte === 65 + at)).toBe(true)
      size += chunk.length
    }
    expect(size).toBe(LENGTHS[at % LENGTHS.length])
  }
  await Promise.all(Array.from({ length: 2 * LENGTHS.length }, (_, at) => read(at)))
})

test('a chunk that comes in parts is free with the last of them', async () => {
  const chunk = takeChunk(CHUNK).fill(65)
  const parts = [chunk.subarray(0, 100), chunk.subarray(100)]
  let others: Buffer[] = []
  const port = await serve(
    () =>
      new ChunkReader({
        read() {
          // Whatever is free by now is written over.
          others = others.concat(Array.from({ length: 20 }, () => takeChunk(CHUNK).fill(66)))
          setTimeout(() => this.push(parts.shift() ?? null), 50)
        },
      }),
    () => {},
  )
  const text = Buffer.concat(await (await ask(port, 0)).toArray())
  expect([text.length, text.every((byte) => byte === 65)]).toEqual([CHUNK, true])
})

/** Pieces as they are; `fault` at their end, or just the end. */
function of(Kind: typeof Readable, pieces: Buffer[], fault: Error | null = null): Readable {
  const left = [...pieces]
  return new Kind({
    read() {
      const next = left.shift()
      if (next || !fault) this.push(next ?? null)
      else setTimeout(() => this.destroy(fault), 20)
    },
  })
}

for (const Kind of [ChunkReader, Readable]) {
  test(`a ${Kind.name} of many small pieces loses none, and their order stays`, async () => {
    const pieces = Array.from({ length: 5000 }, (_, i) => Buffer.from(`${i} `))
    const port = await serve(
      () => of(Kind, pieces),
      () => {},
    )
    const answer = await ask(port, 0)
    expect(Buffer.concat(await answer.toArray()).toString()).toBe(Buffer.concat(pieces).toString())
  })

  test(`when the reader of a ${Kind.name} goes away, or it fails, both ends are told`, async () => {
    const ended = vi.fn()
    const long = of(Kind, Array(10_000).fill(Buffer.alloc(100_000)))
    const port = await serve((at) => (at === 0 ? long : of(Kind, [Buffer.from('a part')], new Error('no more'))), ended)
    ;(await ask(port, 0)).destroy()
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1))
    expect(long.destroyed).toBe(true)
    await expect((await ask(port, 1)).toArray()).rejects.toThrow('aborted')
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(2))
  })
}
