// Webhooks of a workspace: told of what happens in all of its repositories.
import { Hooks } from '../../parts/hooks.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { useWorkspace } from './layout.tsx'

export function WorkspaceHooks() {
  const { slug } = useWorkspace()
  return (
    <>
      <PageTitle title="Webhooks" />
      <Hooks place={`workspaces/${encodeURIComponent(slug)}`} subject="workspace" />
    </>
  )
}
