// What one webhook sent lately: each delivery with its request and answer, and sending it again.
import { Badge, Button, Group, ScrollArea, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Delivery, DeliveryDetail } from '../../server/contract/hooks.ts'
import { call } from '../api.ts'
import { Failure, FormFailure, Waiting } from './states.tsx'
import { Time } from './time.tsx'

const REFRESH_MS = 2000
const COLOURS = { waiting: 'gray', delivered: 'pine', failed: 'red' } as const

/** `own`: the address of the hook in our own API. */
export function HookLog({ own }: { own: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['deliveries', own],
    queryFn: async ({ signal }) =>
      (await call<{ values: Delivery[] }>('GET', `${own}/deliveries`, undefined, signal)).values,
    refetchInterval: REFRESH_MS,
  })
  if (error && !data) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={2} height={28} />
  return (
    <Stack gap={4} component="section" aria-label="Deliveries">
      {data.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was sent yet.
        </Text>
      )}
      {data.map((one) => (
        <Row key={one.id} one={one} own={own} />
      ))}
    </Stack>
  )
}

function Row({ one, own }: { one: Delivery; own: string }) {
  const [open, setOpen] = useState(false)
  const client = useQueryClient()
  const resend = useMutation({
    mutationFn: () => call('POST', `${own}/deliveries/${one.id}/resend`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['deliveries', own] }),
  })
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Badge size="sm" color={COLOURS[one.state]} variant="light" tt="none">
          {one.status ?? one.state}
        </Badge>
        <Text size="sm">{one.event}</Text>
        <Text size="sm" c="dimmed">
          <Time iso={one.sent_on ?? one.created_on} />
          {one.milliseconds !== null && ` · ${one.milliseconds} ms`}
          {one.attempts > 1 && ` · ${one.attempts} attempts`}
        </Text>
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!open)} aria-expanded={open}>
          Details
        </Button>
        {one.attempts > 0 && (
          <Button size="compact-xs" variant="subtle" onClick={() => resend.mutate()} loading={resend.isPending}>
            Send again
          </Button>
        )}
      </Group>
      {one.error !== null && <Text size="sm">{one.error}</Text>}
      <FormFailure error={resend.error} />
      {open && <Detail one={one} own={own} />}
    </Stack>
  )
}

function Detail({ one, own }: { one: Delivery; own: string }) {
  const { data, error } = useQuery({
    queryKey: ['delivery', own, one.id, one.state, one.attempts],
    queryFn: ({ signal }) => call<DeliveryDetail>('GET', `${own}/deliveries/${one.id}`, undefined, signal),
  })
  if (error) return <Failure error={error} />
  if (!data) return <Waiting rows={1} />
  return (
    <Stack gap="xs">
      {data.request && <Side title="Request" {...data.request} />}
      {data.response && <Side title="Answer" {...data.response} />}
    </Stack>
  )
}

function Side({ title, headers, body }: { title: string; headers: Record<string, string>; body: string }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <ScrollArea.Autosize mah={260} className="card" viewportProps={{ tabIndex: 0, 'aria-label': title }}>
        <pre style={{ margin: 0, padding: 10, fontSize: 12, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {[...lines, '', pretty(body)].join('\n')}
        </pre>
      </ScrollArea.Autosize>
    </div>
  )
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
