// Recent pushes: who moved which branch.
import { Group, Stack, Text } from '@mantine/core'
import type { RecentPush } from '../../server/contract/gitstead.ts'
import { TextLink } from './link.tsx'
import { Picture } from './person.tsx'
import { Time } from './time.tsx'

const WORDS = { created: 'created', updated: 'pushed to', forced: 'force-pushed', deleted: 'deleted' }

function branchOf(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}

export function PushList({ pushes, showRepository = true }: { pushes: RecentPush[]; showRepository?: boolean }) {
  return (
    <Stack gap={0}>
      {pushes.map((push) => (
        <PushRow key={push.id} push={push} showRepository={showRepository} />
      ))}
    </Stack>
  )
}

function Who({ push: { actor, deploy_token } }: { push: RecentPush }) {
  if (!actor) return <b>{deploy_token ?? 'Somebody'}</b>
  return (
    <TextLink to="/people/$username" params={{ username: actor.username }} c="inherit" fw={650}>
      {actor.display_name}
    </TextLink>
  )
}

function PushRow({ push, showRepository }: { push: RecentPush; showRepository: boolean }) {
  const [first, ...others] = push.changes
  if (!first) return null
  return (
    <Group className="row" px="md" py="sm" wrap="nowrap" align="flex-start" gap="sm">
      <Picture name={push.actor?.username ?? push.deploy_token ?? 'git'} />
      <Text size="sm" style={{ flex: 1, minWidth: 0 }}>
        <Who push={push} />
        {push.deploy_token !== null && ' (deploy token)'} {WORDS[first.kind]}{' '}
        <span className="mono">{branchOf(first.ref)}</span>
        {others.length > 0 && ` and ${others.length} more`}
        {showRepository && (
          <>
            {' in '}
            <TextLink to={`/${push.repository}`}>{push.repository}</TextLink>
          </>
        )}
        <Text span c="dimmed">
          {' · '}
          <Time iso={push.pushed_on} />
        </Text>
      </Text>
    </Group>
  )
}
