// Webhooks of one repository.
import { Hooks } from '../../../parts/hooks.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { apiOf } from '../data.ts'
import { useRepository } from '../layout.tsx'

export function RepositoryHooks() {
  const { id } = useRepository()
  return (
    <>
      <PageTitle title="Webhooks" />
      <Hooks place={apiOf(id).replace('/2.0/', '')} subject="repository" />
    </>
  )
}
