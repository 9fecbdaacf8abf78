// Makes an empty bare repository, and points its HEAD at a branch.
import type { Git } from '../run/run.ts'
import type { Repo } from '../refs/refs.ts'
import { validRefName } from '../format/refnames.ts'
import { Fault } from '../../kit/fault.ts'

/** `dir` is an existing empty folder. */
export async function initRepository(git: Git, dir: string, mainBranch: string): Promise<void> {
  checkBranch(mainBranch)
  const args = ['init', '--quiet', '--bare', '--template=', `--initial-branch=${mainBranch}`, dir]
  await git.exec({ name: 'init', args })
}

export async function setHead(git: Git, repo: Repo, branch: string): Promise<void> {
  checkBranch(branch)
  await git.exec({ name: 'set-head', args: ['symbolic-ref', 'HEAD', `refs/heads/${branch}`], cwd: repo.path })
}

function checkBranch(branch: string): void {
  if (branch.startsWith('-') || !validRefName(`refs/heads/${branch}`)) {
    throw new Fault('request.invalid', {
      detail: 'This is not a valid branch name.',
      fields: { mainbranch: ['This is not a valid branch name.'] },
    })
  }
}
