// The pages about a workspace itself, loaded together.
export { Consumers } from './consumers.tsx'
export { WorkspaceActivity } from './activity.tsx'
export { General } from './general.tsx'
export { WorkspaceGroups } from './groups.tsx'
export { WorkspaceLayout } from './layout.tsx'
export { Members } from './members.tsx'
export { Projects } from './projects.tsx'
export { WorkspaceHooks } from './webhooks.tsx'
