// npm run check: format, lint with the layer rules, types and the pure tests; each runs, all failures are told.
import { run } from './fresh.mjs'

/** @type {[string, string, string[]][]} */
const STEPS = [
  ['format', 'oxfmt', ['--check']],
  ['lint', 'oxlint', ['--type-aware']],
  ['types', 'tsc', ['--noEmit']],
  ['pure tests', 'vitest', ['run', '--project', 'pure']],
]

const failed = STEPS.filter(([name, tool, args]) => {
  process.stderr.write(`— ${name}\n`)
  return !run(tool, args)
})
if (failed.length > 0) {
  process.stderr.write(`Failed: ${failed.map(([name]) => name).join(', ')}\n`)
  process.exit(1)
}
process.stderr.write('All checks pass.\n')
