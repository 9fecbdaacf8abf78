// The log of slow requests: what was asked for, by whom, how long it waited and took, and what git did meanwhile.
import { Badge, Group, NumberInput, Paper, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SlowRequest, SlowRequests } from '../../../server/contract/operations.ts'
import { call, OWN } from '../../api.ts'
import { duration } from '../../parts/facts.tsx'
import { ButtonLink, TextLink } from '../../parts/link.tsx'
import { Submit } from '../../parts/save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

const KEY = ['own', 'admin/slow-requests']
const REFRESH_MS = 5000

export function SlowRequestsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<SlowRequests>('GET', `${OWN}/admin/slow-requests`, undefined, signal),
    refetchInterval: REFRESH_MS,
  })
  return (
    <>
      <PageTitle title="Slow requests" actions={<ButtonLink to="/admin/operations">Operations</ButtonLink>} />
      <Stack gap="lg">
        {error && !data && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting />}
        {data && (
          <>
            <Bounds stored={data} />
            <Paper className="card">
              {data.values.length === 0 && (
                <Empty title="No slow request">
                  <Text c="dimmed">What takes longer than the times above stands here, the newest first.</Text>
                </Empty>
              )}
              {data.values.map((one) => (
                <Row key={one.id} one={one} />
              ))}
            </Paper>
          </>
        )}
      </Stack>
    </>
  )
}

/** From when on a request is slow. */
function Bounds({ stored }: { stored: SlowRequests }) {
  const [pages, setPages] = useState<number | string>(stored.slow_ms / 1000)
  const [git, setGit] = useState<number | string>(stored.slow_git_ms / 1000)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => {
      const change = { slow_ms: Math.round(Number(pages) * 1000), slow_git_ms: Math.round(Number(git) * 1000) }
      return call('PUT', `${OWN}/settings`, change)
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['own'] }),
  })
  return (
    <Paper
      className="card"
      p="md"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <NumberInput
            label="Pages and API, seconds"
            min={0}
            decimalScale={2}
            value={pages}
            onChange={setPages}
            error={fieldError(save.error, 'slow_ms')}
            w={220}
          />
          <NumberInput
            label="Git, seconds"
            min={0}
            decimalScale={2}
            value={git}
            onChange={setGit}
            error={fieldError(save.error, 'slow_git_ms')}
            w={220}
          />
          <Submit variant="default" busy={save.isPending}>
            Save
          </Submit>
        </Group>
        <Text size="sm" c="dimmed">
          What takes longer is noted. A transfer of git lasts as long as its client needs for it.
        </Text>
        {save.isSuccess && <Text size="sm">Saved.</Text>}
        <FormFailure error={save.error} />
      </Stack>
    </Paper>
  )
}

function Row({ one }: { one: SlowRequest }) {
  const waited = one.waited_ms > 0 && ` · waited ${duration(one.waited_ms)}`
  return (
    <Stack className="row" px="md" py="sm" gap={2}>
      <Group gap="xs" align="baseline">
        <Text fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {duration(one.ms)}
        </Text>
        <Text className="mono" style={{ overflowWrap: 'anywhere' }}>
          {one.method} {one.route === '' ? 'a page' : one.route}
        </Text>
        <Badge size="sm" color={one.status >= 500 || one.status === 0 ? 'red' : 'gray'} variant="light" tt="none">
          {one.status === 0 ? 'left' : one.status}
        </Badge>
        {one.repository !== '' && <TextLink to={`/${one.repository}`}>{one.repository}</TextLink>}
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        <Time iso={one.at} />
        {` · ${one.account === '' ? 'a guest' : one.account}`}
        {one.address !== '' && ` from ${one.address}`}
        {waited}
        {` · ${one.process} · request ${one.request}`}
      </Text>
      {one.git.length > 0 && (
        <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere' }}>
          {one.git.map(({ command, ms }) => `git ${command} ${ms === null ? '(still ran)' : duration(ms)}`).join(', ')}
        </Text>
      )}
    </Stack>
  )
}
