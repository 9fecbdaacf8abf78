// The pages of a repository as one piece: they are opened one after the other.
export { RepositoryActivity } from './activity.tsx'
export { Branches } from './branches.tsx'
export { CommitPage } from './commit.tsx'
export { Commits } from './commits.tsx'
export { RepositoryLayout } from './layout.tsx'
export { Source } from './source.tsx'
