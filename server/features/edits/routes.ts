// The route that commits: files in a form, as Bitbucket takes them.
import { z } from 'zod'
import { readCommit } from '../../git/read/history.ts'
import { json, route, type Route } from '../../route.ts'
import { repoOf } from '../repositories/door.ts'
import { presentCommit } from '../source/present.ts'
import { edit } from './actions.ts'
import { readForm } from './form.ts'

const Names = z.union([z.string(), z.array(z.string())]).optional()

const Meta = z.object({
  message: z.string().optional(),
  author: z.string().optional().describe('Name <mail>; who is signed in where it is left out'),
  branch: z.string().optional().describe('The main branch where it is left out; a new one begins at the parents'),
  parents: Names.describe(
    'The commit that the edit is based on: refused with 409 where the same files have changed since',
  ),
  files: Names.describe('Paths; one without content is deleted'),
})

export const editRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/2.0/repositories/:workspace/:repo_slug/src',
    access: 'repository:write',
    scope: 'repository:write',
    class: 'git',
    summary: 'Commit files: each field of the form that is not one of these is a file, and its name the path',
    query: Meta,
    form: Meta,
    handle: async (rooms, ask) => {
      const { repository, base, query: address, raw } = ask
      const { hash } = await edit(rooms, ask, (dir, signal) => readForm(raw, { dir, address, signal }))
      const commit = presentCommit({ base, repository }, await readCommit(rooms.reads, repoOf(rooms, repository), hash))
      return json(commit, 201, { Location: commit.links.self.href })
    },
  }),
]
