// How the server fares: health, charts of the last day, and what each of its parts is at now.
import { Badge, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Check, Health, History, Operations } from '../../../server/contract/operations.ts'
import { call, OWN } from '../../api.ts'
import { Chart } from '../../parts/chart.tsx'
import { duration } from '../../parts/facts.tsx'
import { ButtonLink } from '../../parts/link.tsx'
import { sizeText } from '../../parts/size.ts'
import { Failure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { Transfers } from './transfers.tsx'
import { Caches, Classes, Git, Jobs, Processes, Storage } from './operations-now.tsx'

const NOW_MS = 5000
const HISTORY_MS = 60_000

export function OperationsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['own', 'admin/operations'],
    queryFn: ({ signal }) => call<Operations>('GET', `${OWN}/admin/operations`, undefined, signal),
    refetchInterval: NOW_MS,
  })
  return (
    <>
      <PageTitle title="Operations" actions={<ButtonLink to="/admin/slow-requests">Slow requests</ButtonLink>} />
      <Stack gap="lg">
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting />}
        {data && <HealthList health={data.health} />}
        <Charts />
        {data && <Now data={data} />}
      </Stack>
    </>
  )
}

const COLOURS: Record<Check['state'], string> = { fine: 'pine', strained: 'yellow', broken: 'red' }
const INKS: Record<Check['state'], string> = { fine: 'inherit', strained: 'var(--strained)', broken: 'var(--broken)' }
const HEADLINES: Record<Health['state'], string> = {
  fine: 'All is well',
  strained: 'It works, and you should look',
  broken: 'Something does not work',
}

function HealthList({ health }: { health: Health }) {
  const notable = health.checks.filter(({ state }) => state !== 'fine')
  return (
    <Paper className="card" px="md" py="sm" role="status" aria-label="Health">
      <Group gap="xs">
        <Badge color={COLOURS[health.state]} c={INKS[health.state]} variant="light" tt="none">
          {health.state}
        </Badge>
        <Text fw={600}>{HEADLINES[health.state]}</Text>
        {notable.length === 0 && (
          <Text size="sm" c="dimmed">
            {health.checks.map(({ name }) => name).join(', ')}
          </Text>
        )}
      </Group>
      {notable.map(({ name, state, words }) => (
        <Text key={name} size="sm" mt={6}>
          <Text span fw={600} c={INKS[state]} tt="capitalize">
            {name}
          </Text>
          {`: ${words}`}
        </Text>
      ))}
    </Paper>
  )
}

function Charts() {
  const { data, error, refetch } = useQuery({
    queryKey: ['own', 'admin/operations/history'],
    queryFn: ({ signal }) => call<History>('GET', `${OWN}/admin/operations/history`, undefined, signal),
    refetchInterval: HISTORY_MS,
  })
  return (
    <Section title="The last day" note="each point is five minutes">
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} height={120} />}
      {data && <Drawn data={data} />}
    </Section>
  )
}

const plain = (value: number): string => value.toLocaleString()

function Drawn({ data: { series, from, seconds } }: { data: History }) {
  const line = (label: string, name: string) => ({ label, values: series[name] ?? [] })
  const classes = (name: string) => [
    line('pages', `${name}_web`),
    line('API', `${name}_api`),
    line('git', `${name}_git`),
  ]
  const one = (name: string) => [line('', name)]
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <Chart title="Requests" lines={classes('requests')} say={plain} from={from} seconds={seconds} />
      <Chart title="95 of 100 took less than" lines={classes('p95')} say={duration} from={from} seconds={seconds} />
      <Chart
        title="Failed and refused"
        lines={[line('failed', 'failed'), line('refused', 'refused')]}
        say={plain}
        from={from}
        seconds={seconds}
      />
      <Chart title="Git processes started" lines={one('git')} say={plain} from={from} seconds={seconds} />
      <Chart title="Event loop late by" lines={one('loop')} say={duration} from={from} seconds={seconds} />
      <Chart
        title="Disk and database"
        lines={[line('disk write', 'disk'), line('transaction', 'writes_p95')]}
        say={duration}
        from={from}
        seconds={seconds}
      />
      <Chart title="Memory of all processes" lines={one('memory')} say={sizeText} from={from} seconds={seconds} />
      <Chart title="Jobs that wait" lines={one('jobs_waiting')} say={plain} from={from} seconds={seconds} />
    </SimpleGrid>
  )
}

function Now({ data }: { data: Operations }) {
  return (
    <>
      <Section title="Requests" note="times of the last quarter of an hour">
        <Classes classes={data.classes} />
      </Section>
      <Section title="Processes">
        <Processes data={data} />
      </Section>
      <Section title="Git processes">
        <Git running={data.git} />
      </Section>
      <Section title="Transfers under way">
        <Transfers />
      </Section>
      <Section title="Jobs">
        <Jobs jobs={data.jobs} />
      </Section>
      <Section title="Caches" note="since the start">
        <Caches data={data} />
      </Section>
      <Section title="Disks and database">
        <Storage data={data} />
      </Section>
    </>
  )
}

function Section({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Group gap="xs" mb="xs" align="baseline">
        <Title order={2} size="h4">
          {title}
        </Title>
        {note !== undefined && (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
      </Group>
      {children}
    </section>
  )
}
