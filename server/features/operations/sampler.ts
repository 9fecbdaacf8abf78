// Once a minute one process notes how all of them fared, for the charts of the last day.
import type { Reading } from '../../meters/meters.ts'
import { since } from '../../meters/sum.ts'
import type { Rooms } from '../../rooms.ts'
import { databaseSizes, readDisks, tryDisks } from './disks.ts'
import { askEverybody } from './everybody.ts'
import { type Sample, sampleOf } from './sample.ts'
import { addSample, jobsByKind } from './store.ts'

const MINUTE_MS = 60_000

export interface Sampler {
  stop: () => Promise<void>
}

/** Begins with the next full minute: before it nobody knows what was counted in it and what long ago. */
export function startSampler(rooms: Rooms, everyMs = MINUTE_MS): Sampler {
  let before: Reading[] | undefined
  let timer: NodeJS.Timeout | undefined
  let underWay = Promise.resolve()
  let stopped = false
  const next = (): void => {
    if (!stopped) timer = setTimeout(() => void (underWay = tick()), everyMs - (Date.now() % everyMs)).unref()
  }
  const tick = async (): Promise<void> => {
    try {
      const at = Math.round(Date.now() / everyMs) * (everyMs / 1000)
      const { readings, sample } = await measure(rooms, before)
      before = readings
      if (sample) await rooms.db.write((tx) => addSample(tx, { at, data: JSON.stringify(sample) }))
    } catch (err) {
      rooms.log.warn({ err }, 'a minute was not noted')
    }
    next()
  }
  next()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}

async function measure(rooms: Rooms, before: Reading[] | undefined): Promise<{ readings: Reading[]; sample?: Sample }> {
  const everybody = await askEverybody(rooms)
  const { readings } = everybody
  if (!before) return { readings }
  const [disks, written, jobs, sizes] = await Promise.all([
    readDisks(rooms),
    tryDisks(rooms),
    jobsByKind(rooms.db.read),
    databaseSizes(rooms),
  ])
  const sample = sampleOf({ readings: since(readings, before), everybody, disks, written, jobs, sizes })
  return { readings, sample }
}
