// The frame of a repository's settings: its pages at the side.
import { Side } from '../../../parts/side.tsx'
import { useSession } from '../../../queries.ts'
import { useRepository } from '../layout.tsx'

const PAGES = [
  ['', 'General'],
  ['/access', 'Access'],
  ['/deploy-tokens', 'Deploy tokens'],
  ['/webhooks', 'Webhooks'],
  ['/storage', 'Storage'],
] as const

/** For admins of the server. */
const THEIRS = [['/availability', 'Availability']] as const

export function SettingsLayout() {
  const { repository } = useRepository()
  const admin = useSession()?.user?.is_admin === true
  const pages = [...PAGES, ...(admin ? THEIRS : [])].map(
    ([path, title]) => [`/${repository.full_name}/settings${path}`, title] as const,
  )
  return <Side label={`Settings of ${repository.name}`} pages={pages} />
}
