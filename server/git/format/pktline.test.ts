// The packet format: any cut of the bytes gives the same packets, and what is no packet is refused.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { array, assert, asyncProperty, constantFrom, integer, oneof, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { band, DELIM, FLUSH, line, packetReader, packets, pkt, splitter, type Packet } from './pktline.ts'

const part = oneof(
  uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => pkt(Buffer.from(bytes))),
  constantFrom(FLUSH, DELIM, Buffer.from('0002')),
)

test('packets survive any cut', () => {
  assert(
    property(array(part, { maxLength: 12 }), integer({ min: 1, max: 50 }), (parts, step) => {
      const bytes = Buffer.concat(parts)
      const split = splitter()
      const found: Packet[] = []
      for (let at = 0; at < bytes.length; at += step) {
        split.push(bytes.subarray(at, at + step))
        for (let one = split.next(); one; one = split.next()) found.push(one)
      }
      expect(found).toEqual(packets(bytes))
      expect(found).toHaveLength(parts.length)
      expect(split.rest()).toHaveLength(0)
    }),
  )
})

test.each(['zzzz', '0003', 'fff1', '+001', '00 5', '-001'])('%j is no length', (head) => {
  expect(() => packets(Buffer.from(`${head}abcdefg`))).toThrow(expect.objectContaining({ code: 'request.invalid' }))
})

test('a message that ends inside a packet is refused', () => {
  expect(() => packets(Buffer.from('0009abc'))).toThrow(expect.objectContaining({ code: 'request.invalid' }))
})

test('bands split long bytes into whole packets', () => {
  const long = Buffer.alloc(200_000, 'x')
  for (const [max, count] of [
    [65520, 4],
    [1000, 202],
  ] as const) {
    const all = packets(band(2, long, max))
    expect(all).toHaveLength(count)
    const joined = all.map((one) => (one.kind === 'data' ? one.data.subarray(1) : Buffer.alloc(0)))
    expect(Buffer.concat(joined).equals(long)).toBe(true)
    expect(all.every((one) => one.kind === 'data' && one.data[0] === 2 && one.data.length + 4 <= max)).toBe(true)
  }
})

test('a reader leaves what follows the head in the stream, cut anywhere', async () => {
  await assert(
    asyncProperty(uint8Array({ maxLength: 2000 }), integer({ min: 1, max: 700 }), async (tail, step) => {
      const bytes = Buffer.concat([pkt('one\n'), pkt('two'), FLUSH, Buffer.from(tail)])
      const cut = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
        bytes.subarray(i * step, (i + 1) * step),
      )
      const body = Readable.from(cut, { objectMode: false })
      const reader = packetReader(body, 100)
      const [one, two, flush] = [await reader.next(), await reader.next(), await reader.next()]
      expect([one, two].map((each) => (each?.kind === 'data' ? line(each.data) : ''))).toEqual(['one', 'two'])
      expect(flush).toEqual({ kind: 'flush' })
      reader.release()
      expect((await buffer(body)).equals(Buffer.from(tail))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('a head that is too long, cut off or torn is a fault', async () => {
  const many = packetReader(
    Readable.from([Buffer.concat(Array.from({ length: 50 }, () => pkt('x'.repeat(100))))]),
    1000,
  )
  const all = async (): Promise<void> => {
    while (await many.next());
  }
  await expect(all()).rejects.toMatchObject({ code: 'request.too-large' })
  const cut = packetReader(Readable.from([Buffer.from('00')]), 1000)
  await expect(cut.next()).rejects.toMatchObject({ code: 'request.invalid' })
  const gone = new Readable({ read() {} })
  const waiting = packetReader(gone, 1000).next()
  gone.destroy()
  await expect(waiting).rejects.toMatchObject({ code: 'request.invalid' })
})
