// The groups of one workspace.
import { GroupList } from '../admin/groups.tsx'
import { useWorkspace } from './layout.tsx'

export function WorkspaceGroups() {
  const { slug } = useWorkspace()
  return <GroupList workspace={slug} />
}
