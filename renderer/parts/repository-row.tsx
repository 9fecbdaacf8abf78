// A repository as a row of a list.
import { Badge, Group, Stack, Text } from '@mantine/core'
import { GlobeIcon, LockIcon, OrganizationIcon, RepoIcon } from '@primer/octicons-react'
import type { Repository } from '../queries.ts'
import { QuarantineBadge } from './quarantine.tsx'
import { TextLink } from './link.tsx'
import { Time } from './time.tsx'

const ICONS = { private: LockIcon, internal: OrganizationIcon, public: GlobeIcon }

export function VisibilityBadge({ visibility }: { visibility: Repository['visibility'] }) {
  const Icon = ICONS[visibility]
  return (
    <Badge variant="default" size="sm" leftSection={<Icon size={12} />} tt="none" fw={500}>
      {visibility}
    </Badge>
  )
}

export function RepositoryRow({ repository }: { repository: Repository }) {
  return (
    <Group className="row" px="md" py="sm" wrap="nowrap" align="flex-start" gap="sm">
      <RepoIcon size={18} />
      <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <TextLink to={`/${repository.full_name}`} fw={600}>
            {repository.workspace.slug} / {repository.slug}
          </TextLink>
          <VisibilityBadge visibility={repository.visibility} />
          {repository.quarantine && <QuarantineBadge mode={repository.quarantine.mode} />}
          {repository.is_empty && (
            <Badge variant="light" size="sm" tt="none" fw={500}>
              empty
            </Badge>
          )}
        </Group>
        {repository.description !== '' && (
          <Text size="sm" c="dimmed" lineClamp={2}>
            {repository.description}
          </Text>
        )}
      </Stack>
      <Text size="sm" c="dimmed" visibleFrom="xs" style={{ whiteSpace: 'nowrap' }}>
        <Time iso={repository.updated_on} />
      </Text>
    </Group>
  )
}
