// npm test: the checks, then every suite on the built program; closes with one line that counts them all.
// `npm test -- server` runs one suite only: pure, server, web or desktop. The last three share the machine: browsers keep it busy
// while tests of the server wait.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { buildIfStale, CHECKS, root, run, runAll } from './fresh.mjs'

const only = process.argv[2]
const turns = only === undefined ? [['pure'], ['server', 'web', 'desktop']] : [[only]]
const folder = mkdtempSync(join(tmpdir(), 'gitstead-test-'))
// The program is started some hundred times: its code is compiled once.
process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled')
const failures = []
let broken = false

try {
  if (only === undefined) {
    const failed = await runAll(CHECKS)
    for (const name of failed) process.stderr.write(`FAILED: ${name}\n`)
    broken = failed.length > 0
  }
  buildIfStale()
  if (turns.flat().includes('web')) ensureChromium()
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const suites of turns) {
    const report = join(folder, `${suites.join('-')}.json`)
    const projects = suites.map((name) => `--project=${name}`)
    const args = ['run', ...projects, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    broken = !step(`${suites.join(' and ')} tests`, 'vitest', args) || broken
    add(counts, report)
  }
  if (counts.passed === 0) broken = true
  for (const name of failures) process.stdout.write(`failed: ${name}\n`)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = broken ? 1 : 0

function step(name, tool, args) {
  process.stderr.write(`— ${name}\n`)
  const fine = run(tool, args)
  if (!fine) process.stderr.write(`FAILED: ${name}\n`)
  return fine
}

function add(counts, file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'))
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests
    counts.skipped += report.numPendingTests + report.numTodoTests
    for (const { name, assertionResults, status } of report.testResults) {
      const failed = assertionResults.filter((one) => one.status === 'failed').map((one) => one.fullName)
      if (status === 'failed') failures.push(`${relative(root, name)} ${failed.join(', ')}`)
    }
  } catch {
    broken = true
    counts.failed += 1
    process.stderr.write(`No report in ${file}: the suite did not run.\n`)
  }
}
