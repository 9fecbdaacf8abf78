// What happened in the repositories of this workspace.
import { path } from '../../api.ts'
import { ActivityFeed } from '../../parts/activity.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { useWorkspace } from './layout.tsx'

export function WorkspaceActivity() {
  const { slug } = useWorkspace()
  return (
    <>
      <PageTitle title="Activity" />
      <ActivityFeed at={path('workspaces', slug, 'activity')} empty="Nothing happened here yet" />
    </>
  )
}
