// Our answers against Bitbucket's own types, by the compiler: `tsc --noEmit` fails where a presenter's shape is none of
// theirs. Nothing here runs.
import type { OpenApi } from '@coderabbitai/bitbucket/cloud'
import type { Page } from '../../server/contract/page.ts'
import type { presentUser } from '../../server/features/accounts/present.ts'
import type {
  presentGroupGrant,
  presentRepository,
  presentUserGrant,
} from '../../server/features/repositories/present.ts'
import type {
  presentCommit,
  presentEntry,
  presentFileChange,
  presentNamedRef,
  presentVersion,
} from '../../server/features/source/present.ts'
import type { presentMember, presentProject, presentWorkspace } from '../../server/features/workspaces/present.ts'

type Paths = OpenApi.paths
type JsonOf<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Real<Body> : never
/** What a client is typed to get of an operation. */
type Wanted<
  Path extends keyof Paths,
  Method extends keyof Paths[Path],
  Status extends number,
> = Paths[Path][Method] extends { responses: infer Answers }
  ? Status extends keyof Answers
    ? JsonOf<Answers[Status]>
    : never
  : never
type Made<Presenter extends (...input: never[]) => unknown> = NonNullable<ReturnType<Presenter>>
type Known<Body> = [Body] extends [never] ? false : true

/** Where the service itself gives null, though its published types do not say so. */
type OrNull = 'mainbranch' | 'old' | 'new' | 'mimetype'
/**
 * The published types as the service really answers: `type` names the kind of a thing (`user`) and not the base that
 * kinds share (`account`), and `attributes` of a file are a list.
 */
type Real<T> = T extends readonly (infer Item)[]
  ? readonly Real<Item>[]
  : T extends object
    ? {
        [Name in keyof T]: Name extends 'type'
          ? string
          : Name extends 'attributes'
            ? readonly string[]
            : Real<T[Name]> | (Name extends OrNull ? null : never)
      }
    : T

/** The second must be what the first asks for; an operation that the types do not know is an error too. */
type Fits<Asked, Ours extends Asked> = Known<Asked> extends true ? Ours : 'no such operation'
type All<Fitting extends readonly object[]> = Fitting

type Repository = '/repositories/{workspace}/{repo_slug}'
type Workspace = '/workspaces/{workspace}'

export type Checked = All<
  [
    Fits<Wanted<'/user', 'get', 200>, Made<typeof presentUser>>,
    Fits<Wanted<'/users/{selected_user}', 'get', 200>, Made<typeof presentUser>>,
    Fits<Wanted<'/workspaces', 'get', 200>, Page<Made<typeof presentWorkspace>>>,
    Fits<Wanted<Workspace, 'get', 200>, Made<typeof presentWorkspace>>,
    Fits<Wanted<`${Workspace}/members`, 'get', 200>, Page<Made<typeof presentMember>>>,
    Fits<Wanted<`${Workspace}/members/{member}`, 'get', 200>, Made<typeof presentMember>>,
    Fits<Wanted<`${Workspace}/projects`, 'get', 200>, Page<Made<typeof presentProject>>>,
    Fits<Wanted<`${Workspace}/projects`, 'post', 201>, Made<typeof presentProject>>,
    Fits<Wanted<`${Workspace}/projects/{project_key}`, 'get', 200>, Made<typeof presentProject>>,
    Fits<Wanted<`${Workspace}/projects/{project_key}`, 'put', 200>, Made<typeof presentProject>>,
    Fits<Wanted<'/repositories', 'get', 200>, Page<Made<typeof presentRepository>>>,
    Fits<Wanted<'/repositories/{workspace}', 'get', 200>, Page<Made<typeof presentRepository>>>,
    Fits<Wanted<Repository, 'get', 200>, Made<typeof presentRepository>>,
    Fits<Wanted<Repository, 'post', 200>, Made<typeof presentRepository>>,
    Fits<Wanted<Repository, 'put', 200>, Made<typeof presentRepository>>,
    Fits<Wanted<`${Repository}/forks`, 'get', 200>, Page<Made<typeof presentRepository>>>,
    Fits<Wanted<`${Repository}/permissions-config/users`, 'get', 200>, Page<Made<typeof presentUserGrant>>>,
    Fits<
      Wanted<`${Repository}/permissions-config/users/{selected_user_id}`, 'get', 200>,
      Made<typeof presentUserGrant>
    >,
    Fits<
      Wanted<`${Repository}/permissions-config/users/{selected_user_id}`, 'put', 200>,
      Made<typeof presentUserGrant>
    >,
    Fits<Wanted<`${Repository}/permissions-config/groups`, 'get', 200>, Page<Made<typeof presentGroupGrant>>>,
    Fits<Wanted<`${Repository}/permissions-config/groups/{group_slug}`, 'get', 200>, Made<typeof presentGroupGrant>>,
    Fits<Wanted<`${Repository}/permissions-config/groups/{group_slug}`, 'put', 200>, Made<typeof presentGroupGrant>>,
    Fits<Wanted<`${Repository}/refs`, 'get', 200>, Page<Made<typeof presentNamedRef>>>,
    Fits<
      Wanted<`${Repository}/refs/branches`, 'get', 200>,
      Page<Extract<Made<typeof presentNamedRef>, { type: 'branch' }>>
    >,
    Fits<
      Wanted<`${Repository}/refs/branches/{name}`, 'get', 200>,
      Extract<Made<typeof presentNamedRef>, { type: 'branch' }>
    >,
    Fits<Wanted<`${Repository}/refs/tags`, 'get', 200>, Page<Extract<Made<typeof presentNamedRef>, { type: 'tag' }>>>,
    Fits<Wanted<`${Repository}/refs/tags/{name}`, 'get', 200>, Extract<Made<typeof presentNamedRef>, { type: 'tag' }>>,
    Fits<Wanted<`${Repository}/commits`, 'get', 200>, Page<Made<typeof presentCommit>>>,
    Fits<Wanted<`${Repository}/commits/{revision}`, 'get', 200>, Page<Made<typeof presentCommit>>>,
    Fits<Wanted<`${Repository}/commit/{commit}`, 'get', 200>, Made<typeof presentCommit>>,
    Fits<Wanted<`${Repository}/merge-base/{revspec}`, 'get', 200>, Made<typeof presentCommit>>,
    Fits<Wanted<`${Repository}/diffstat/{spec}`, 'get', 200>, Page<Made<typeof presentFileChange>>>,
    Fits<Wanted<`${Repository}/src`, 'get', 200>, Page<Made<typeof presentEntry>>>,
    Fits<Wanted<`${Repository}/src/{commit}/{path}`, 'get', 200>, Page<Made<typeof presentEntry>>>,
    Fits<Wanted<`${Repository}/filehistory/{commit}/{path}`, 'get', 200>, Page<Made<typeof presentVersion>>>,
  ]
>

/** That the comparison sees differences at all. */
export type Refused = [
  // @ts-expect-error -- a flag that is a text
  Fits<Wanted<Repository, 'get', 200>, { type: 'repository'; is_private: 'yes' }>,
  // @ts-expect-error -- a link that is a text
  Fits<Wanted<Repository, 'get', 200>, { type: 'repository'; links: { self: 'x' } }>,
  // @ts-expect-error -- a commit inside a branch without its kind
  Fits<Wanted<`${Repository}/refs/branches/{name}`, 'get', 200>, { type: 'branch'; target: { hash: 'x' } }>,
  // @ts-expect-error -- no page
  Fits<Wanted<'/repositories', 'get', 200>, { values: Made<typeof presentRepository> }>,
]
// @ts-expect-error -- an operation that there is not
export type Unknown = All<[Fits<Wanted<'/user', 'get', 299>, Made<typeof presentUser>>]>
