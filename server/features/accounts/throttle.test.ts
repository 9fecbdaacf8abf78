import { describe, expect, it } from 'vitest'
import { Fault } from '../../kit/fault.ts'
import { openThrottle, type Throttle, throttleKey } from './throttle.ts'

const ADA = throttleKey('account', 'ada')
const HERE = throttleKey('address', '10.0.0.1')

function waits(throttle: Throttle, keys: string[], guess = 'x'): number {
  try {
    throttle.begin(keys, guess).dropped()
    return 0
  } catch (error) {
    return (error as Fault).facts['seconds'] as number
  }
}

function failTimes(throttle: Throttle, keys: string[], times: number): void {
  for (let i = 0; i < times; i++) throttle.begin(keys, `guess ${i}`).failed()
}

describe('throttle', () => {
  it('lets five failures go, then doubles the wait up to five minutes', () => {
    let now = 0
    const throttle = openThrottle({ now: () => now })
    failTimes(throttle, [ADA], 5)
    const seen: number[] = []
    for (let i = 0; i < 12; i++) {
      const wait = waits(throttle, [ADA])
      seen.push(wait)
      now += wait * 1000
      throttle.begin([ADA], 'again').failed()
    }
    expect(seen).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  })

  it('counts guesses that are under way, so that a hundred at once are five', () => {
    const throttle = openThrottle({ now: () => 0 })
    const begun = Array.from({ length: 100 }, (_, i) => {
      try {
        return throttle.begin([ADA, HERE], `guess ${i}`)
      } catch {
        return undefined
      }
    }).filter((one) => one !== undefined)
    expect(begun).toHaveLength(5)
    for (const one of begun) one.failed()
    expect(waits(throttle, [ADA])).toBeGreaterThan(0)
  })

  it('lets the same guess through as often as it comes', () => {
    const throttle = openThrottle({ now: () => 0 })
    const begun = Array.from({ length: 100 }, () => throttle.begin([ADA, HERE], 'the right one'))
    for (const one of begun) one.succeeded()
    expect(waits(throttle, [ADA, HERE])).toBe(0)
  })

  it('forgives an account that signs in, and not its address', () => {
    const throttle = openThrottle({ now: () => 0 })
    failTimes(throttle, [HERE], 19)
    throttle.begin([ADA, HERE], 'wrong').failed()
    expect(waits(throttle, [ADA])).toBe(0)
    expect(waits(throttle, [HERE])).toBeGreaterThan(0)
    failTimes(throttle, [ADA], 3)
    throttle.begin([ADA], 'right').succeeded()
    failTimes(throttle, [ADA], 4)
    expect(waits(throttle, [ADA])).toBe(0)
  })

  it('lets one guess at a time follow a wait', () => {
    let now = 0
    const throttle = openThrottle({ now: () => now })
    failTimes(throttle, [ADA], 5)
    now += 3000
    const one = throttle.begin([ADA], 'a')
    expect(waits(throttle, [ADA], 'b')).toBe(1)
    one.dropped()
    expect(waits(throttle, [ADA], 'b')).toBe(0)
  })

  it('forgets after half an hour', () => {
    let now = 0
    const throttle = openThrottle({ now: () => now })
    failTimes(throttle, [ADA], 5)
    now += 31 * 60_000
    failTimes(throttle, [ADA], 4)
    expect(waits(throttle, [ADA])).toBe(0)
  })

  it('takes addresses of one network for one caller, and an IPv4 address in whatever form', () => {
    expect(throttleKey('address', '2001:db8:1:2:3:4:5:6')).toBe(throttleKey('address', '2001:db8:1:2::9'))
    expect(throttleKey('address', '2001:db8::1')).toBe('address:2001:db8:0:0')
    expect(throttleKey('address', '::1')).toBe('address:0:0:0:0')
    expect(throttleKey('address', 'fe80::1%eth0')).toBe('address:fe80:0:0:0')
    expect(throttleKey('address', '2001:db8:1:3::9')).not.toBe(throttleKey('address', '2001:db8:1:2::9'))
    expect(throttleKey('address', '::ffff:10.0.0.1')).toBe(HERE)
  })

  it('keeps keys short however long a name is', () => {
    expect(throttleKey('account', 'a'.repeat(10_000)).length).toBeLessThan(100)
  })
})
