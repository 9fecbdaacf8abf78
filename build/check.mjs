// npm run check: format, lint with the layer rules, types and the pure tests, side by side; all failures are told.
import { CHECKS, runAll } from './fresh.mjs'

const failed = await runAll([...CHECKS, ['pure tests', 'vitest', ['run', '--project', 'pure']]])
if (failed.length > 0) {
  process.stderr.write(`Failed: ${failed.join(', ')}\n`)
  process.exit(1)
}
process.stderr.write('All checks pass.\n')
