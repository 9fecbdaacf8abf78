// The branch that a clone begins with: where the first push brings others than the one named beforehand, one of those.
import { setHead } from '../../git/care/init.ts'
import { findRef, isForeign } from '../../git/refs/refs.ts'
import type { Repo } from '../../git/wire/serve.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import * as store from './store.ts'

const BRANCH = 'refs/heads/'

/** One of the branches that were made, if the one named beforehand is not there. HEAD points at it then; the row is next. */
export async function chooseMain(
  rooms: Rooms,
  repo: Repo,
  repository: RepositoryView,
  changes: readonly { kind: string; ref: string }[],
): Promise<string | undefined> {
  const made = changes
    .filter(({ kind, ref }) => kind === 'created' && ref.startsWith(BRANCH))
    .map(({ ref }) => ref.slice(BRANCH.length))
    .filter((name) => !name.startsWith('-'))
  const chosen = made.includes('master') ? 'master' : made[0]
  if (chosen === undefined || made.includes(repository.main_branch)) return undefined
  try {
    const snapshot = await rooms.refs.read(repo)
    if (isForeign(snapshot) || findRef(snapshot, BRANCH + repository.main_branch)) return undefined
    await setHead(rooms.git, repo, chosen)
    return chosen
  } catch (error) {
    // The push is on disk: it is recorded even where HEAD cannot be written.
    rooms.log.error({ err: error, repository: repository.id }, 'the main branch could not be set')
    return undefined
  }
}

/** After two first pushes at once: the branch of the one whose row was first is the main one, and HEAD follows the row. */
export async function followRow(rooms: Rooms, repo: Repo, { id }: RepositoryView): Promise<void> {
  const view = store.viewById(rooms.db, { kind: 'guest' }, id)
  if (view) await setHead(rooms.git, repo, view.main_branch)
}
