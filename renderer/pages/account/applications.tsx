// Applications that the account has let in by OAuth.
import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Authorized } from '../../../server/contract/oauth.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { scopeWords } from '../../parts/scopes.tsx'
import { Empty, Failure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

export function Applications() {
  const { data, error, refetch } = useQuery(listQuery<Authorized>('oauth/grants'))
  const [leaving, setLeaving] = useState<Authorized>()
  const change = useChange('oauth/grants')
  return (
    <>
      <PageTitle title="Applications" />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} />}
      {data && (
        <Paper className="card">
          {data.length === 0 && (
            <Empty title="No application yet">
              <Text c="dimmed" ta="center">
                An application that asks to act for you, and that you allow, stands here.
              </Text>
            </Empty>
          )}
          {data.map((one) => (
            <Group key={one.id} className="row" px="md" py="sm" justify="space-between" wrap="nowrap">
              <Stack gap={0}>
                <Text fw={600}>{one.name}</Text>
                <Text size="sm" c="dimmed">
                  of {one.workspace} · {one.scopes.map(scopeWords).join(' · ')}
                </Text>
                <Text size="sm" c="dimmed">
                  allowed <Time iso={one.first_on} />
                  {one.last_used_on !== null && (
                    <>
                      {' · used '}
                      <Time iso={one.last_used_on} />
                    </>
                  )}
                </Text>
              </Stack>
              <Button
                variant="subtle"
                color="red"
                size="xs"
                onClick={() => setLeaving(one)}
                aria-label={`Revoke ${one.name}`}
              >
                Revoke
              </Button>
            </Group>
          ))}
        </Paper>
      )}
      <Confirm
        opened={leaving !== undefined}
        title={`Let ${leaving?.name ?? ''} in no more?`}
        button="Revoke"
        busy={change.isPending}
        error={change.error}
        onConfirm={() =>
          change.mutate({ method: 'DELETE', path: `/${leaving?.id ?? ''}` }, { onSuccess: () => setLeaving(undefined) })
        }
        onClose={() => setLeaving(undefined)}
      >
        It is refused from the next request on, and has to ask you again.
      </Confirm>
    </>
  )
}
