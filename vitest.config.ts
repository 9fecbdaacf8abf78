// Three suites: pure (beside the code, no process), server (the real program, git and SQLite), web (a real browser).
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const soak = process.env['GITSTEAD_SOAK'] !== undefined

/** What takes longest begins first, so that the end waits for nobody. */
const LONG =
  /(matrix|kept|faults-\w+|pool|move|start|every-\w+|file|changes|hostile-\w+|protocol-\w+|bench-smoke|argv)\.test\.ts$/

/** Of both suites together. Most files of the server wait for most of their time: for limits that pass, rests that end. */
const maxWorkers = 4

/** Files of one worker share what they import: to load it anew for each takes longer than many of them do. */
const isolate = false

const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // What a page shows may be late on a busy machine; what never comes fails all the same.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        test: {
          name: 'pure',
          include: ['server/**/*.test.ts', 'renderer/**/*.test.ts', 'main/**/*.test.ts'],
          testTimeout: 30_000,
          isolate,
        },
      },
      {
        test: {
          name: 'server',
          include: ['test/git/**/*.test.ts', 'test/http/**/*.test.ts', 'test/rules.test.ts'],
          testTimeout: soak ? 7_200_000 : 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/helpers/server.ts'],
          isolate,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'desktop',
          include: ['test/desktop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/helpers/server.ts'],
          isolate,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'web',
          include: ['test/web/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/helpers/server.ts'],
          isolate,
          maxWorkers,
        },
      },
    ],
  },
})
