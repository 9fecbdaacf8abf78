import { describe, expect, it } from 'vitest'
import { openFlights } from './flight.ts'

/** Work that goes on until it is told to end or is ended. */
function slow(): {
  work: (signal: AbortSignal) => Promise<string>
  begun: () => number
  finish: (text: string) => void
} {
  let begun = 0
  let finish: ((text: string) => void) | undefined
  const work = (signal: AbortSignal): Promise<string> => {
    begun++
    return new Promise((resolve, reject) => {
      finish = resolve
      signal.addEventListener('abort', () => reject(new Error('ended')))
    })
  }
  return { work, begun: () => begun, finish: (text) => finish?.(text) }
}

const fails = (): Promise<string> => Promise.reject(new Error('broken'))

describe('flights', () => {
  it('work once for all who ask meanwhile, and anew for who asks later', async () => {
    const join = openFlights<string>()
    const { work, begun, finish } = slow()
    const both = Promise.all([join('a', undefined, work), join('a', undefined, work)])
    finish('done')
    expect(await both).toEqual(['done', 'done'])
    const later = join('a', undefined, work)
    expect(begun()).toBe(2)
    finish('again')
    expect(await later).toBe('again')
  })
  it('go on when one of several leaves, and end with the last', async () => {
    const join = openFlights<string>()
    const { work, begun, finish } = slow()
    const [first, second] = [new AbortController(), new AbortController()]
    const one = join('a', first.signal, work)
    const two = join('a', second.signal, work)
    first.abort(new Error('left'))
    await expect(one).rejects.toThrow('left')
    second.abort(new Error('left too'))
    await expect(two).rejects.toThrow('left too')
    const three = join('a', undefined, work)
    expect(begun()).toBe(2)
    finish('whole')
    expect(await three).toBe('whole')
  })
  it('tell everybody of a failure', async () => {
    const join = openFlights<string>()
    const both = [join('a', undefined, fails), join('a', undefined, fails)]
    for (const one of both) await expect(one).rejects.toThrow('broken')
  })
})
