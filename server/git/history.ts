import type { Git } from './run.ts'
import type { Repo } from './serve.ts'
export async function isAncestor(git: Git, repo: Repo, a: string, b: string): Promise<boolean> {
  const { code } = await git.exec({
    name: 'x',
    args: ['merge-base', '--is-ancestor', a, b],
    cwd: repo.path,
    expect: [0, 1],
  })
  return code === 0
}
