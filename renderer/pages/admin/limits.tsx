// Rate limits: who asks most, an exemption for them, and the limits themselves.
import { Badge, Button, Group, Paper, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Caller, CallerKind, Rated, Spent } from '../../../server/contract/limits.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { RateForm } from '../../parts/rate-form.tsx'
import { Empty, Failure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'

const REFRESH_MS = 5000
const RATED: readonly { key: Rated; label: string }[] = [
  { key: 'web', label: 'pages' },
  { key: 'api', label: 'API' },
  { key: 'git', label: 'git' },
]
const KINDS: readonly { value: CallerKind; label: string; none: string }[] = [
  { value: 'account', label: 'Accounts', none: 'Nobody has asked for anything in the last hour.' },
  { value: 'token', label: 'Tokens', none: 'No token was used in the last hour.' },
  { value: 'address', label: 'Addresses', none: 'Nobody came without an account in the last hour.' },
]
const FEW = 10

export function Limits() {
  const { data, error, refetch } = useQuery({
    ...listQuery<Caller>('admin/callers'),
    refetchInterval: REFRESH_MS,
  })
  const [kind, setKind] = useState<CallerKind>('account')
  const [asked, setAsked] = useState<Caller>()
  const none = KINDS.find(({ value }) => value === kind)?.none ?? ''
  return (
    <>
      <PageTitle title="Limits" />
      <Stack gap="xl">
        <section aria-label="Who asks most">
          <Group justify="space-between" mb="sm" gap="xs">
            <Title order={2} size="h4">
              Who asks most
            </Title>
            <SegmentedControl
              aria-label="Kind of caller"
              size="xs"
              data={KINDS.map(({ value, label }) => ({ value, label }))}
              value={kind}
              onChange={(value) => setKind(value)}
            />
          </Group>
          {error && !data && <Failure error={error} retry={refetch} />}
          {!data && !error && <Waiting rows={4} />}
          {data && (
            <Callers key={kind} callers={data.filter((one) => one.kind === kind)} none={none} onExempt={setAsked} />
          )}
        </section>
        <RateForm />
      </Stack>
      <Exempt caller={asked} onClose={() => setAsked(undefined)} />
    </>
  )
}

interface CallersProps {
  callers: Caller[]
  none: string
  onExempt: (caller: Caller) => void
}

function Callers({ callers, none, onExempt }: CallersProps) {
  const [all, setAll] = useState(false)
  if (callers.length === 0) {
    return (
      <Paper className="card">
        <Empty title={none} />
      </Paper>
    )
  }
  const shown = all ? callers : callers.slice(0, FEW)
  return (
    <Paper className="card">
      {shown.map((caller) => (
        <Row key={caller.id} caller={caller} onExempt={() => onExempt(caller)} />
      ))}
      {callers.length > shown.length && (
        <Group justify="center" p="xs">
          <Button variant="subtle" size="xs" onClick={() => setAll(true)}>
            Show all {callers.length}
          </Button>
        </Group>
      )}
    </Paper>
  )
}

function Row({ caller, onExempt }: { caller: Caller; onExempt: () => void }) {
  const limited = Object.values(caller.hour).reduce((sum, one) => sum + one.limited, 0)
  return (
    <Group className="row" px="md" py="sm" gap="sm" align="flex-start">
      <Stack gap={6} style={{ flex: 1, minWidth: 240 }}>
        <Group gap="xs">
          <Text fw={600}>{caller.name}</Text>
          {caller.account !== null && (
            <Text size="sm" c="dimmed">
              of {caller.account}
            </Text>
          )}
          {limited > 0 && (
            <Badge size="sm" color="red" variant="light" tt="none">
              {countText(limited)} refused
            </Badge>
          )}
          {caller.exempt && (
            <Badge size="sm" color="gray" variant="light" tt="none">
              exempt
            </Badge>
          )}
        </Group>
        <Counts caller={caller} />
      </Stack>
      {!caller.exempt && (caller.kind !== 'token' || caller.account !== null) && (
        <Button size="xs" variant="default" onClick={onExempt} aria-label={`Exempt ${subjectOf(caller)}`}>
          {caller.kind === 'token' ? 'Exempt its account' : 'Exempt'}
        </Button>
      )}
    </Group>
  )
}

function Counts({ caller }: { caller: Caller }) {
  const used = RATED.filter(({ key }) => caller.hour[key])
  return (
    <Table
      className="counts"
      verticalSpacing={2}
      horizontalSpacing="xs"
      withRowBorders={false}
      fz="sm"
      maw={420}
      ml={-8}
    >
      <Table.Thead c="dimmed">
        <Table.Tr>
          <Table.Th fw={400}>for</Table.Th>
          <Table.Th fw={400}>5 minutes</Table.Th>
          <Table.Th fw={400}>hour</Table.Th>
          <Table.Th fw={400}>time</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {used.map(({ key, label }) => (
          <Table.Tr key={key}>
            <Table.Td>{label}</Table.Td>
            <Table.Td>{requestsText(caller.minutes[key])}</Table.Td>
            <Table.Td>{requestsText(caller.hour[key])}</Table.Td>
            <Table.Td>{timeText(caller.hour[key]?.ms ?? 0)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function requestsText(spent: Spent | undefined): string {
  return countText(spent?.requests ?? 0)
}

function countText(count: number): string {
  return count.toLocaleString('en')
}

function timeText(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`
}

/** Whom an exemption is for. */
function subjectOf(caller: Caller): string {
  return caller.kind === 'token' ? (caller.account ?? '') : caller.name
}

function Exempt({ caller, onClose }: { caller: Caller | undefined; onClose: () => void }) {
  const client = useQueryClient()
  const change = useChange('admin/exemptions')
  const subject = caller ? subjectOf(caller) : ''
  const close = (): void => {
    change.reset()
    onClose()
  }
  return (
    <Confirm
      opened={caller !== undefined}
      title={`Exempt ${subject} from the limits?`}
      button="Exempt"
      busy={change.isPending}
      error={change.error}
      onConfirm={() =>
        change.mutate(
          { method: 'POST', body: caller?.kind === 'address' ? { address: subject } : { account: subject } },
          {
            onSuccess: () => {
              close()
              void client.invalidateQueries({ queryKey: ['own'] })
            },
          },
        )
      }
      onClose={close}
    >
      {subject} may then ask as often as {caller?.kind === 'address' ? 'it likes' : 'they like'}, with everything that
      acts for them. You can take it back below.
    </Confirm>
  )
}
