// Lanes: never more at once than allowed, first come first served, and a way out for those who no longer wait.
import { expect, test } from 'vitest'
import { openLanes } from './lanes.ts'

const narrow = { running: 2, waiting: 3 }
const open = (): ReturnType<typeof openLanes> =>
  openLanes({ pack: narrow, fetch: narrow, push: narrow, read: narrow, reply: narrow, background: narrow })

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

test('one share never has all places, nor all of the line, and others pass it', async () => {
  const wide = { running: 4, waiting: 4 }
  const lanes = openLanes({ pack: wide, fetch: wide, push: wide, read: wide, reply: wide, background: wide })
  const order: string[] = []
  const enter = async (share: string): Promise<() => void> => {
    const leave = await lanes.enter('push', { share })
    order.push(share)
    return leave
  }
  const held = await Promise.all([enter('mal'), enter('mal'), enter('mal')])
  const more = [enter('mal'), enter('mal'), enter('mal')]
  await expect(enter('mal')).rejects.toMatchObject({ code: 'busy' })
  const bob = await enter('bob')
  const ada = enter('ada')
  bob()
  const adas = await ada
  expect(order).toEqual(['mal', 'mal', 'mal', 'bob', 'ada'])
  held[0]?.()
  const fourth = await more[0]
  adas()
  for (const leave of [held[1], held[2], fourth]) leave?.()
  for (const leave of await Promise.all(more.slice(1))) leave()
  expect(order.slice(5)).toEqual(['mal', 'mal', 'mal'])
  expect(await Promise.all(['x', 'y', 'x', 'y'].map(enter))).toHaveLength(4)
})
