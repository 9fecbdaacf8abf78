// The browsers in which the account is signed in.
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { SessionEntry } from '../../../server/contract/gitstead.ts'
import { listQuery, useChange } from '../../parts/own.ts'
import { Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

function browserOf(agent: string): string {
  const name = /(Firefox|Edg|Chrome|Safari)\/[\d.]+/.exec(agent)?.[1]?.replace('Edg', 'Edge')
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1]
  return [name ?? 'A program', system].filter(Boolean).join(' on ')
}

export function Sessions() {
  const { data, error, refetch } = useQuery(listQuery<SessionEntry>('sessions'))
  const change = useChange('sessions')
  return (
    <>
      <PageTitle title="Sessions" />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={3} />}
      <FormFailure error={change.error} />
      {data && (
        <Paper className="card">
          {data.map((session) => (
            <Group key={session.id} className="row" px="md" py="sm" justify="space-between" wrap="nowrap">
              <Stack gap={0}>
                <Group gap="xs">
                  <Text fw={600}>{browserOf(session.user_agent)}</Text>
                  {session.current && (
                    <Badge size="sm" variant="light" tt="none">
                      this browser
                    </Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed">
                  {session.address} · last used <Time iso={session.last_used_on} />
                </Text>
              </Stack>
              {!session.current && (
                <Button
                  variant="subtle"
                  color="red"
                  size="xs"
                  onClick={() => change.mutate({ method: 'DELETE', path: `/${session.id}` })}
                >
                  Sign out
                </Button>
              )}
            </Group>
          ))}
        </Paper>
      )}
    </>
  )
}
