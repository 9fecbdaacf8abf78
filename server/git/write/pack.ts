// All objects of a stage as the pack that a push carries: it takes the way of every other push from here on.
import type { Readable } from 'node:stream'
import { streamOutput } from '../run/capture.ts'
import type { Git } from '../run/run.ts'
import type { Stage } from './stage.ts'

/** Nothing is compared with anything: a few new files are no history, and whoever makes them waits. */
const ARGS = ['pack-objects', '--stdout', '--quiet', '--window=0']

export function packOf(git: Git, stage: Stage, options: { repo: string; signal: AbortSignal }): Promise<Readable> {
  const input = [...stage.objects].map((oid) => `${oid}\n`).join('')
  return streamOutput(git, { name: 'pack edit', args: ARGS, cwd: stage.dir, input, deadlineMs: 0, ...options })
}
