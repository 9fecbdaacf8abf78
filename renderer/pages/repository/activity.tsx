// What happened in this repository.
import { path } from '../../api.ts'
import { ActivityFeed } from '../../parts/activity.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { useRepository } from './layout.tsx'

export function RepositoryActivity() {
  const { id } = useRepository()
  return (
    <>
      <PageTitle title="Activity" />
      <ActivityFeed
        at={path('repositories', id.workspace, id.repo, 'activity')}
        showRepository={false}
        empty="Nothing happened here yet"
      />
    </>
  )
}
