// Routes of branches and tags: list, read, make, remove; and the branching model.
import { z } from 'zod'
import { AheadBehindList } from '../../contract/find.ts'
import { pageOf, PageQuery } from '../../contract/page.ts'
import { Fault } from '../../kit/fault.ts'
import { select } from '../../kit/filter.ts'
import { done, json, route, type Reply, type Route } from '../../route.ts'
import type { Ask } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { createRef, deleteRef, type RefKind, refOid } from '../repositories/ref-actions.ts'
import { fullName } from '../repositories/present.ts'
import { aheadBehindOf } from './distances.ts'
import { presentNamedRef } from './present.ts'
import { type NamedRef, readNamedRefs, readRef, refNames, seeRefs } from './refs.ts'

const ONE = '/2.0/repositories/:workspace/:repo_slug'
const Body = z.object({
  name: z.string().min(1).max(250),
  target: z.object({ hash: z.string().min(1).max(250) }).loose(),
})

type At = { repository: RepositoryView }

/** So many refs are read in full, where a question is about authors or messages. */
const READABLE = 2000

/** The refs that are asked for, in the order that is asked for, without reading more of them than the question needs. */
async function chosen(rooms: Rooms, ask: Ask<unknown, PageQuery> & At, kinds: NamedRef['kind'][]): Promise<NamedRef[]> {
  const { repository, query, signal } = ask
  const names = await refNames(rooms, repository, kinds, signal)
  // Fields alone: a name that is looked for may be made of any words.
  const question = `${(query.q ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '')} ${query.sort ?? ''}`
  if (!/target|date|message/.test(question)) return select(names, query)
  // The graph of commits knows when each was made, and refs know their commits.
  if (!/(?:target\.(?!hash|date)|(?<!target\.)date|message)/.test(question))
    return select(await seeRefs(rooms, repository, kinds, signal), query)
  if (names.length > READABLE)
    throw new Fault('git.output', {
      detail: `There are more than ${READABLE} here to look into: ask by name, target.hash and target.date only.`,
    })
  const read = await readNamedRefs(rooms, repository, names)
  const presented = read.map((ref) => Object.assign({ kind: ref.kind }, presentNamedRef(ask, ref)))
  return select(presented, query)
}

async function list(rooms: Rooms, ask: Ask<unknown, PageQuery> & At, kinds: NamedRef['kind'][]): Promise<Reply> {
  const page = pageOf(await chosen(rooms, ask, kinds), ask.query, ask)
  const refs = page.values.map(({ kind, name }) => ({ kind, name }))
  const values = await readNamedRefs(rooms, ask.repository, refs)
  return json({ ...page, values: values.map((read) => presentNamedRef(ask, read)) })
}

async function one(rooms: Rooms, ask: Ask<{ name: string }> & At, kind: NamedRef['kind']): Promise<Reply> {
  return json(presentNamedRef(ask, await readRef(rooms, ask.repository, { kind, name: ask.params.name })))
}

async function create(
  rooms: Rooms,
  ask: Ask<unknown, unknown, z.infer<typeof Body>> & At,
  kind: RefKind,
): Promise<Reply> {
  const { repository, body, actor, address, base } = ask
  const name = body.name.replace(/^refs\/(heads|tags)\//, '')
  await createRef(rooms, repository, { kind, name, target: body.target.hash }, { actor, address })
  const read = await readRef(rooms, repository, { kind, name })
  return json(presentNamedRef({ base, repository }, read), 201)
}

async function remove(rooms: Rooms, ask: Ask<{ name: string }> & At, kind: RefKind): Promise<Reply> {
  const { repository, params, actor, address } = ask
  await deleteRef(rooms, repository, { kind, name: params.name }, { actor, address })
  return done()
}

const KINDS = [
  ['feature', 'feature/'],
  ['bugfix', 'bugfix/'],
  ['release', 'release/'],
  ['hotfix', 'hotfix/'],
] as const

async function branchingModel(
  rooms: Rooms,
  repository: RepositoryView,
  base: string,
): Promise<Record<string, unknown>> {
  const name = repository.main_branch
  const exists = (await refOid(rooms, repository, `refs/heads/${name}`)) !== undefined
  const read = exists ? await readRef(rooms, repository, { kind: 'branch', name }) : undefined
  const branch = read && presentNamedRef({ base, repository }, read)
  return {
    type: 'branching_model',
    development: { name, use_mainbranch: true, ...(branch ? { branch } : {}) },
    branch_types: KINDS.map(([kind, prefix]) => ({ kind, prefix })),
    links: { self: { href: `${base}/2.0/repositories/${fullName(repository)}/branching-model` } },
  }
}

/** Names, or a page of the list of branches in the same words as that list has. */
const AheadBehindQuery = PageQuery.extend({
  name: z
    .union([z.string(), z.array(z.string()).max(500)])
    .transform((names) => [names].flat())
    .optional(),
  base: z.string().max(1000).optional(),
  pagelen: z.coerce.number().int().min(1).max(500).default(100),
})

async function distances(rooms: Rooms, ask: Ask<unknown, z.infer<typeof AheadBehindQuery>> & At): Promise<Reply> {
  const { query, repository, signal } = ask
  const named = query.name?.map((name): NamedRef => ({ kind: 'branch', name }))
  const branches = named ?? pageOf(await chosen(rooms, ask, ['branch']), query, ask).values
  const list: AheadBehindList = await aheadBehindOf(rooms, repository, { base: query.base, branches }, signal)
  return json(list)
}

const READ = { method: 'get', access: 'repository:read', scope: 'repository' } as const

export const routes: Route[] = [
  route({
    ...READ,
    path: `${ONE}/refs`,
    summary: 'Branches and tags',
    query: PageQuery,
    handle: (rooms, ask) => list(rooms, ask, ['branch', 'tag']),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/branches`,
    summary: 'Branches',
    query: PageQuery,
    handle: (rooms, ask) => list(rooms, ask, ['branch']),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/branches/*name`,
    summary: 'A branch',
    handle: (rooms, ask) => one(rooms, ask, 'branch'),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/tags`,
    summary: 'Tags',
    query: PageQuery,
    handle: (rooms, ask) => list(rooms, ask, ['tag']),
  }),
  route({
    ...READ,
    path: `${ONE}/refs/tags/*name`,
    summary: 'A tag',
    handle: (rooms, ask) => one(rooms, ask, 'tag'),
  }),
  route({
    method: 'post',
    path: `${ONE}/refs/branches`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'Create a branch at a commit, a branch or a tag',
    body: Body,
    handle: (rooms, ask) => create(rooms, ask, 'branch'),
  }),
  route({
    method: 'delete',
    path: `${ONE}/refs/branches/*name`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'Delete a branch; its tip is kept and can be restored',
    handle: (rooms, ask) => remove(rooms, ask, 'branch'),
  }),
  route({
    method: 'post',
    path: `${ONE}/refs/tags`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'Create a tag at a commit, a branch or a tag',
    body: Body,
    handle: (rooms, ask) => create(rooms, ask, 'tag'),
  }),
  route({
    method: 'delete',
    path: `${ONE}/refs/tags/*name`,
    access: 'repository:write',
    scope: 'repository:write',
    summary: 'Delete a tag; its tip is kept and can be restored',
    handle: (rooms, ask) => remove(rooms, ask, 'tag'),
  }),
  route({
    ...READ,
    path: '/api/gitstead/1/repositories/:workspace/:repo_slug/ahead-behind',
    summary: 'How many commits branches have that the main branch lacks, and the other way round',
    query: AheadBehindQuery,
    answer: AheadBehindList,
    handle: distances,
  }),
  route({
    method: 'get',
    path: `${ONE}/branching-model`,
    access: 'repository:read',
    scope: 'repository',
    summary: 'Which branch is developed on, and how others are named',
    handle: async (rooms, { repository, base }) => json(await branchingModel(rooms, repository, base)),
  }),
]
