// npm run package: makes the packages of this platform in release/, and looks at what they hold.
// `-- --dir` makes the folder alone; `-- --dummy` takes a program that does nothing in the place of Electron's, which is how
// the layout is seen where Electron's files cannot be fetched; `-- --system-git` bundles no git.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, Platform } from 'electron-builder'
import { buildIfStale, root } from './fresh.mjs'
import { packageConfig } from './package/config.mjs'
import { fetchGit } from './package/fetch-git.mjs'
import { DUMMY_PROGRAM, faultsOf, layoutOf } from './package/layout.mjs'

const { values } = parseArgs({
  options: {
    dir: { type: 'boolean', default: false },
    dummy: { type: 'boolean', default: false },
    'system-git': { type: 'boolean', default: false },
    /** Of a git that is there already, to bundle. */
    git: { type: 'string' },
    output: { type: 'string', default: join(root, 'release') },
  },
})
const target = `${process.platform}-${process.arch}`
const mega = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

buildIfStale()
const git = values['system-git'] ? undefined : (values.git ?? (await fetchGit(target)))
const dist = values.dummy ? dummy(join(values.output, 'dummy')) : undefined
await build({
  projectDir: root,
  publish: 'never',
  targets: values.dir ? Platform.current().createTarget('dir') : Platform.current().createTarget(),
  config: packageConfig(target, { dist, git, output: values.output }),
})
if (process.platform === 'linux') look(join(values.output, 'linux-unpacked'))

function dummy(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'resources'), { recursive: true })
  writeFileSync(join(folder, 'electron'), DUMMY_PROGRAM)
  chmodSync(join(folder, 'electron'), 0o755)
  return folder
}

function look(folder) {
  const layout = layoutOf(folder, 'gitstead')
  const faults = faultsOf(layout, target)
  const { archive, beside, node, git: bundled } = layout.bytes
  const told = [
    `archive ${mega(archive)}`,
    `beside it ${mega(beside)}`,
    `Node ${mega(node)}`,
    bundled === 0 ? 'no git' : `git ${mega(bundled)}`,
  ]
  process.stdout.write(`${folder}: ${layout.files.length} files of ours; ${told.join(', ')}\n`)
  for (const fault of faults) process.stdout.write(`  ${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
}
