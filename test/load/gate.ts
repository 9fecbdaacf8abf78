// Before any figure counts: our answers are git's answers, and what comes out of the cache is a whole repository.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runGit } from './git.ts'
import { answerTo, postTarget, PREFIX, V2 } from './listings.ts'
import { target } from './load.ts'
import type { Side } from './servers.ts'
import type { Repository, Stage } from './stage.ts'
import { CAPABILITIES, lsRefs } from './wire.ts'

const LISTS: [name: string, body: Buffer][] = [
  ['all refs', lsRefs()],
  ['one prefix', lsRefs([PREFIX])],
  ['branches and tags', lsRefs(['refs/heads/', 'refs/tags/'])],
]

/** Throws at the first difference; gives sentences about what was compared. */
export async function gate(stage: Stage): Promise<string[]> {
  const told: string[] = []
  for (const repository of stage.repositories) {
    const { backend } = stage
    if (backend) {
      await sameLists(stage, repository, backend)
      if (told.length === 0) told.push(await capabilities(stage, repository, backend))
      told.push(`${repository.name}: ls-refs equal byte for byte`)
    }
    for (const side of [stage.ours, ...(backend ? [backend] : [])]) await wholeClone(stage, repository, side)
    told.push(`${repository.name}: clones whole by git fsck, with the refs of the original`)
  }
  return told
}

async function sameLists(stage: Stage, { name }: Repository, backend: Side): Promise<void> {
  for (const [what, body] of LISTS) {
    const [ours, theirs] = await Promise.all(
      [stage.ours, backend].map((side) => answerTo(postTarget(stage, { side, repository: name }, body))),
    )
    if (!ours || !theirs?.equals(ours)) throw new Error(`${name}: our list of ${what} is not that of git http-backend`)
  }
}

async function capabilities(stage: Stage, { name }: Repository, backend: Side): Promise<string> {
  const [ours = [], theirs = []] = await Promise.all(
    [stage.ours, backend].map(async (side) => {
      const answer = await answerTo(target(`${stage.url(side, name)}/${CAPABILITIES}`, { headers: V2 }))
      return answer
        .toString()
        .split('\n')
        .map((line) => line.replace(/^(0000)?[0-9a-f]{4}/, ''))
    }),
  )
  const [more, less] = [only(ours, theirs), only(theirs, ours)]
  if (more.length + less.length === 0) return 'v2 capabilities equal'
  return `v2 capabilities differ: ours alone ${more.join(' ') || 'none'}; http-backend alone ${less.join(' ') || 'none'}`
}

function only(these: string[], those: string[]): string[] {
  return these.filter((line) => !those.includes(line))
}

/** Twice, so that the second one comes from the cache; the second is looked at. */
async function wholeClone(stage: Stage, repository: Repository, side: Side): Promise<void> {
  const path = join(stage.dir, 'clone')
  const run = (args: string[]): Promise<string> => runGit(args, { home: stage.dir })
  for (let i = 0; i < 2; i++) {
    rmSync(path, { recursive: true, force: true })
    await run(['clone', '-q', '--bare', stage.url(side, repository.name), path])
  }
  await run(['-C', path, 'fsck', '--full', '--strict', '--no-dangling'])
  const refs = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/tags']
  const [copy, original] = [await run(['-C', path, ...refs]), await run(['-C', repository.path, ...refs])]
  if (copy !== original) throw new Error(`${repository.name}: the clone from ${side.name} has other refs`)
  rmSync(path, { recursive: true, force: true })
}
