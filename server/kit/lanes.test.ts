// Lanes: never more at once than allowed, first come first served, and a way out for those who no longer wait.
import { expect, test } from 'vitest'
import { type Lanes, openLanes, type Ticket } from './lanes.ts'

const narrow = { running: 2, waiting: 3 }
const open = (): Lanes<'pack' | 'push' | 'read'> => openLanes({ pack: narrow, push: narrow, read: narrow })

test('places are handed over in order', async () => {
  const lanes = open()
  const order: number[] = []
  const enter = async (n: number): Promise<() => void> => {
    const leave = await lanes.enter('pack')
    order.push(n)
    return leave
  }
  const [one, two] = [await enter(1), await enter(2)]
  const rest = [enter(3), enter(4), enter(5)]
  await expect(lanes.enter('pack')).rejects.toMatchObject({ code: 'busy' })
  const elsewhere = await lanes.enter('push')
  elsewhere()
  expect(order).toEqual([1, 2])
  two()
  const three = await rest[0]
  one()
  three?.()
  await Promise.all(rest)
  expect(order).toEqual([1, 2, 3, 4, 5])
})

test('who leaves the line makes room in it and takes no place', async () => {
  const lanes = open()
  const [one, two] = [await lanes.enter('read'), await lanes.enter('read')]
  const gone = new AbortController()
  const waiting = lanes.enter('read', { signal: gone.signal })
  const next = lanes.enter('read')
  gone.abort(new Error('left'))
  await expect(waiting).rejects.toThrow('left')
  one()
  two()
  const leave = await next
  leave()
  await Promise.all([lanes.enter('read'), lanes.enter('read')])
  await expect(Promise.race([lanes.enter('read').then(() => 'entered'), Promise.resolve('waits')])).resolves.toBe(
    'waits',
  )
})

/** Goes in and notes when; `order` tells who was let in. */
function door(lanes: Lanes<'wide'>): { order: string[]; enter: (ticket: Ticket) => Promise<() => void> } {
  const order: string[] = []
  const enter = async (ticket: Ticket): Promise<() => void> => {
    const leave = await lanes.enter('wide', ticket)
    order.push(ticket.by ?? ticket.of ?? '')
    return leave
  }
  return { order, enter }
}

test('one caller never has more than half of the places, nor of the line, and others pass them', async () => {
  const { order, enter } = door(openLanes({ wide: { running: 4, waiting: 4 } }))
  const mal = { by: 'mal' }
  const held = await Promise.all([enter(mal), enter(mal)])
  const more = [enter(mal), enter(mal)]
  await expect(enter(mal)).rejects.toMatchObject({ code: 'busy' })
  const bob = await enter({ by: 'bob' })
  await enter({ by: 'cid' })
  const ada = enter({ by: 'ada' })
  bob()
  await ada
  expect(order).toEqual(['mal', 'mal', 'bob', 'cid', 'ada'])
  held[0]?.()
  await more[0]
  held[1]?.()
  await more[1]
  expect(order.slice(5)).toEqual(['mal', 'mal'])
})

test('of one thing there are never more than three quarters, however many ask for it', async () => {
  const lanes = openLanes({ wide: { running: 4, waiting: 4 } })
  const { order, enter } = door(lanes)
  const held = await Promise.all(['x', 'x', 'x'].map((of) => enter({ of })))
  const more = [enter({ of: 'x' }), enter({ of: 'x' }), enter({ of: 'x' })]
  await expect(enter({ of: 'x' })).rejects.toMatchObject({ code: 'busy' })
  const other = await enter({ of: 'y' })
  other()
  held[0]?.()
  held[1]?.()
  held[2]?.()
  for (const leave of await Promise.all(more)) leave()
  expect(order).toEqual(['x', 'x', 'x', 'y', 'x', 'x', 'x'])
  expect(lanes.counts().wide).toMatchObject({ running: 0, waiting: 0, entered: 7, refused: 1 })
})

test('a way out that is taken twice gives its place back once', async () => {
  const lanes = open()
  const leave = lanes.pass('pack')
  leave?.()
  leave?.()
  expect(lanes.counts().pack.running).toBe(0)
  expect([lanes.pass('pack'), lanes.pass('pack'), lanes.pass('pack')].filter(Boolean)).toHaveLength(2)
})

test('whoever has waited long enough is told so, and whoever has gone never enters the line', async () => {
  const lanes = openLanes({ short: { running: 1, waiting: 5, patienceMs: 20 } })
  const leave = await lanes.enter('short')
  await expect(lanes.enter('short')).rejects.toMatchObject({ code: 'busy' })
  await expect(lanes.enter('short', { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
  expect(lanes.counts().short).toMatchObject({ running: 1, waiting: 0, entered: 1, refused: 1 })
  leave()
  expect(lanes.pass('short')).toBeDefined()
})
