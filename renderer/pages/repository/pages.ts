// The pages of a repository as one piece: they are opened one after the other.
export { RepositoryActivity } from './activity.tsx'
export { Branches } from './refs/branches.tsx'
export { CommitPage } from './history/commit.tsx'
export { Commits } from './history/commits.tsx'
export { InsightsPage } from './insights/page.tsx'
export { RepositoryLayout } from './layout.tsx'
export { SearchPage } from './search/page.tsx'
export { Source } from './source/tree.tsx'
