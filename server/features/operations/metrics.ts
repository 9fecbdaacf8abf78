// /metrics for Prometheus: what all processes of the server count and measure, added up. And /healthz, for whoever only
// wants to know whether somebody is at home.
import type { Reading } from '../../meters/meters.ts'
import { route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { databaseSizes, readDisks } from './disks.ts'
import { askEverybody, type Everybody } from './everybody.ts'
import { CONTENT_TYPE, prometheusText } from './prometheus.ts'
import { jobsByKind } from './store.ts'

type Measured = [name: string, help: string, values: readonly [labels: Record<string, string>, value: number][]]

export async function metricsText(rooms: Rooms): Promise<string> {
  const everybody = await askEverybody(rooms)
  const measured = [...processes(everybody), ...(await machine(rooms))]
  return prometheusText([...everybody.readings, ...measured.flatMap(gauges)])
}

function gauges([name, help, values]: Measured): Reading[] {
  return values.map(([labels, value]) => ({ kind: 'gauge', name, help, labels, value }))
}

function processes({ processes, supervisor }: Everybody): Measured[] {
  const up = processes.flatMap(({ known: { name, connections, since }, state }) =>
    state ? [{ labels: { process: name }, connections, since, vitals: state.vitals }] : [],
  )
  const each = (value: (one: (typeof up)[number]) => number): Measured[2] => up.map((one) => [one.labels, value(one)])
  const places = new Map(processes.map(({ known }) => [known.name, known.deaths]))
  return [
    ['process_up', 'Processes that answer', each(() => 1)],
    ['process_start_time_seconds', 'When each process started', each(({ since }) => since / 1000)],
    [
      'process_memory_bytes',
      'Memory that each process holds',
      [...each(({ vitals }) => vitals.rss), [{ process: 'supervisor' }, supervisor.rss]],
    ],
    ['process_cpu_seconds', 'Time on the processor', each(({ vitals }) => vitals.cpu)],
    ['event_loop_busy_ratio', 'Part of the time in which the event loop had work', each(({ vitals }) => vitals.busy)],
    [
      'event_loop_delay_seconds',
      'Lateness of the event loop, 99th percentile',
      each(({ vitals }) => vitals.loop.p99 / 1000),
    ],
    ['connections', 'Connections that each process holds', each(({ connections }) => connections)],
    ['sockets', 'TCP sockets that each process holds', each(({ vitals }) => vitals.sockets)],
    ['open_files', 'Files of all kinds that each process holds open', each(({ vitals }) => vitals.files ?? 0)],
    [
      'process_deaths',
      'How often a process died and was replaced',
      [...places].map(([process, n]) => [{ process }, n]),
    ],
  ]
}

async function machine(rooms: Rooms): Promise<Measured[]> {
  const [disks, sizes, jobs, git] = await Promise.all([
    readDisks(rooms),
    databaseSizes(rooms),
    jobsByKind(rooms.db.read),
    rooms.git.everywhere().catch(() => []),
  ])
  const commands = new Map<string, number>()
  for (const { command } of git) commands.set(command, (commands.get(command) ?? 0) + 1)
  return [
    ['disk_free_bytes', 'Room that is left', disks.map(({ volume, free }) => [{ volume }, free])],
    ['disk_size_bytes', 'Size of the disk', disks.map(({ volume, total }) => [{ volume }, total])],
    ['database_bytes', 'Size of the database', [[{}, sizes.database]]],
    ['database_wal_bytes', 'Size of its write-ahead log', [[{}, sizes.wal]]],
    [
      'jobs',
      'Jobs by what they wait for',
      jobs.flatMap(({ kind, waiting, running, parked }): Measured[2] => [
        [{ kind, state: 'waiting' }, waiting],
        [{ kind, state: 'running' }, running],
        [{ kind, state: 'parked' }, parked],
      ]),
    ],
    ['job_lag_seconds', 'How late the oldest job is that is due', jobs.map(({ kind, lag }) => [{ kind }, lag / 1000])],
    ['git_running', 'Git processes that run now', [...commands].map(([command, n]) => [{ command }, n])],
  ]
}

export const metricsRoutes: Route[] = [
  route({
    method: 'get',
    path: '/metrics',
    access: 'admin',
    scope: 'metrics',
    class: 'web',
    summary: 'Counts and measures of all processes, for Prometheus',
    handle: async (rooms) => ({ kind: 'text', status: 200, type: CONTENT_TYPE, body: await metricsText(rooms) }),
  }),
  route({
    method: 'get',
    path: '/healthz',
    access: 'anyone',
    scope: 'none',
    class: 'web',
    summary: 'Whether this process answers',
    handle: async () => ({ kind: 'text', status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' }),
  }),
]
