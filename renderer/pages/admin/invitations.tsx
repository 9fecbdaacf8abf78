// Invitations: open, used, expired, withdrawn.
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Invitation } from '../../../server/contract/gitstead.ts'
import { InviteButton } from '../../parts/invite.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { Empty, Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

export function Invitations() {
  const { data, error, refetch } = useQuery(listQuery<Invitation>('invitations'))
  const change = useChange('invitations')
  return (
    <>
      <PageTitle title="Invitations" actions={<InviteButton />} />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting />}
      <FormFailure error={change.error} />
      {data && (
        <Paper className="card">
          {data.length === 0 && <Empty title="Nobody was invited yet." />}
          {data.map((one) => (
            <Group key={one.id} className="row" px="md" py="sm" justify="space-between" wrap="nowrap">
              <Stack gap={0}>
                <Group gap="xs">
                  <Text fw={600}>{one.used_by ?? (one.note || 'A teammate')}</Text>
                  <Badge size="sm" variant="light" tt="none">
                    {one.state}
                  </Badge>
                </Group>
                <Text size="sm" c="dimmed">
                  {one.role} of {one.workspace}, invited by {one.invited_by} <Time iso={one.created_on} />
                </Text>
              </Stack>
              {one.state === 'open' && (
                <Button
                  variant="subtle"
                  color="red"
                  size="xs"
                  onClick={() => change.mutate({ method: 'DELETE', path: `/${one.id}` })}
                >
                  Withdraw
                </Button>
              )}
            </Group>
          ))}
        </Paper>
      )}
    </>
  )
}
