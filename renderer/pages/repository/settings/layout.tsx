// The frame of a repository's settings: its pages at the side.
import { Side } from '../../../parts/side.tsx'
import { useRepository } from '../layout.tsx'

const PAGES = [
  ['', 'General'],
  ['/access', 'Access'],
  ['/webhooks', 'Webhooks'],
] as const

export function SettingsLayout() {
  const { repository } = useRepository()
  const pages = PAGES.map(([path, title]) => [`/${repository.full_name}/settings${path}`, title] as const)
  return <Side label={`Settings of ${repository.name}`} pages={pages} />
}
