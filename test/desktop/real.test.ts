// The same scenarios with a real Electron. Its program comes from outside npm: where it is not, they are skipped and said
// to be, and nothing is claimed of them.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { freePort } from '../helpers/program.ts'
import { findElectron, openReal } from './real.ts'
import { type Driven, groups, strangerAt } from './scenarios.ts'

const program = findElectron()
if (program === undefined)
  process.stdout.write(
    'SKIPPED: the scenarios under a real Electron. There is no program of it: run `node node_modules/electron/install.js`' +
      ' where it can be fetched, or name one by GITSTEAD_ELECTRON.\n',
  )

describe.skipIf(program === undefined).each(groups)('$name', (group) => {
  let desktop: Driven | undefined
  let leave = (): void => {}
  beforeAll(async () => {
    const port = await freePort()
    if (group.stranger) leave = await strangerAt(port)
    desktop = await openReal(program ?? '', port, group)
  })
  afterAll(async () => {
    leave()
    await desktop?.quit().catch(() => {})
  })
  it.each(group.steps)('%s', { timeout: 120_000 }, (_name, play) => play(desktop as Driven))
})
