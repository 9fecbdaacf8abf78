// The keys that sign time-limited tokens: which one signs now, which still read, and a new one.
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TokenKey } from '../../../server/contract/tokens.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { Empty, Failure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

export function TokenKeys() {
  const { data, error, refetch } = useQuery(listQuery<TokenKey>('token-keys'))
  const [rotating, setRotating] = useState(false)
  const [leaving, setLeaving] = useState<TokenKey>()
  const change = useChange('token-keys')
  return (
    <>
      <PageTitle
        title="Token keys"
        actions={
          <Button size="sm" onClick={() => setRotating(true)}>
            Rotate
          </Button>
        }
      />
      <Stack>
        <Text size="sm" c="dimmed">
          Time-limited tokens are signed with the newest key. An older one goes on to be accepted until the last token
          that it signed has ended.
        </Text>
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting rows={2} />}
        {data && (
          <Paper className="card">
            {data.length === 0 && (
              <Empty title="No key yet">
                <Text c="dimmed">The first token makes the first key.</Text>
              </Empty>
            )}
            {data.map((key) => (
              <Row key={key.kid} one={key} onWithdraw={() => setLeaving(key)} />
            ))}
          </Paper>
        )}
      </Stack>
      <Confirm
        opened={rotating}
        title="Sign with a new key?"
        button="Rotate"
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ method: 'POST' }, { onSuccess: () => setRotating(false) })}
        onClose={() => setRotating(false)}
      >
        Tokens that are out stay good until they end, and get a signature of the new key when they are renewed.
      </Confirm>
      <Confirm
        opened={leaving !== undefined}
        title="Withdraw this key?"
        button="Withdraw"
        busy={change.isPending}
        error={change.error}
        onConfirm={() =>
          change.mutate(
            { method: 'DELETE', path: `/${leaving?.kid ?? ''}` },
            { onSuccess: () => setLeaving(undefined) },
          )
        }
        onClose={() => setLeaving(undefined)}
      >
        Every token that it signed is refused from the next request on: {leaving?.tokens ?? 0} of them now.
      </Confirm>
    </>
  )
}

function Row({ one, onWithdraw }: { one: TokenKey; onWithdraw: () => void }) {
  return (
    <Group className="row" px="md" py="sm" justify="space-between">
      <Stack gap={0}>
        <Group gap="xs">
          <Text fw={600} className="mono">
            {one.kid}
          </Text>
          {one.retired_on === null && (
            <Badge size="sm" variant="light" tt="none">
              signs now
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          made <Time iso={one.created_on} />
          {one.retired_on !== null && (
            <>
              {' · retired '}
              <Time iso={one.retired_on} />
            </>
          )}
          {` · ${one.tokens === 1 ? 'one token' : `${one.tokens} tokens`}`}
        </Text>
      </Stack>
      {one.retired_on !== null && (
        <Button variant="subtle" color="red" size="xs" onClick={onWithdraw} aria-label={`Withdraw ${one.kid}`}>
          Withdraw
        </Button>
      )}
    </Group>
  )
}
