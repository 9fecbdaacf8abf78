// A repository that an admin of the server has closed: the mark in lists, the banner on its pages, and the page in its place.
import { Alert, Badge, Text } from '@mantine/core'
import { LockIcon, StopIcon } from '@primer/octicons-react'
import type { Mode, Quarantine } from '../../server/contract/quarantine.ts'
import { useSession } from '../queries.ts'
import { TextLink } from './link.tsx'
import { Empty } from './states.tsx'
import { Time } from './time.tsx'
import { PageTitle } from './title.tsx'

export function QuarantineBadge({ mode }: { mode: Mode }) {
  return (
    <Badge variant="light" color={mode === 'off' ? 'red' : 'pine'} size="sm" tt="none" fw={500}>
      {mode === 'off' ? 'switched off' : 'read-only'}
    </Badge>
  )
}

interface BannerProps {
  quarantine: Quarantine
  /** Full name of the repository. */
  base: string
  place: string
}

export function QuarantineBanner({ quarantine, base, place }: BannerProps) {
  const { mode, reason, since } = quarantine
  const admin = useSession()?.user?.is_admin === true
  const page = `/${base}/settings/availability`
  const off = mode === 'off'
  return (
    <Alert
      role="status"
      mb="md"
      color={off ? 'red' : 'pine'}
      icon={off ? <StopIcon /> : <LockIcon />}
      title={off ? 'This repository is switched off' : 'This repository is read-only'}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {reason}
      </Text>
      <Text size="sm" mt={4}>
        {off ? 'Nobody can read it or push to it' : 'Everybody can read it, nobody can change it'}
        {since !== null && (
          <>
            {', since '}
            <Time iso={since} />
          </>
        )}
        {'. '}
        {admin && place !== page && <TextLink to={page}>Change this</TextLink>}
      </Text>
    </Alert>
  )
}

/** For everybody but the admins of the server, who get to its settings. */
export function SwitchedOff({ sentence }: { sentence: string }) {
  return (
    <>
      <PageTitle title="Switched off" />
      <Empty title="Not available right now">
        <Text ta="center" style={{ overflowWrap: 'anywhere' }}>
          {sentence}
        </Text>
        <Text size="sm" c="dimmed" ta="center">
          Nothing is lost: an admin of this server can switch it on again.
        </Text>
      </Empty>
    </>
  )
}

/** What an admin of the server sees of its files and history meanwhile. */
export function ClosedToAll() {
  return (
    <>
      <PageTitle title="Switched off" />
      <Text>Files and history are closed to everybody, also to you. The settings are not.</Text>
    </>
  )
}
