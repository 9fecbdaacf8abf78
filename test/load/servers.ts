// The two servers that ours is measured against: git http-backend behind nginx and fcgiwrap, and nginx with plain files.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openMeter, type Meter } from './meter.ts'

export interface Side {
  name: 'ours' | 'backend' | 'limit'
  url: string
  meter: Meter
  stop(): Promise<void>
}

export interface Programs {
  nginx: string
  fcgiwrap: string
  backend: string
}

const FCGI_WORKERS = 8

/** `env` is what our own git sees: both sides sync, check and pack alike. */
export async function startBackend(
  dir: string,
  { repositories, programs, env }: { repositories: string; programs: Programs; env: Record<string, string> },
): Promise<Side> {
  mkdirSync(dir, { recursive: true })
  const meter = openMeter('backend')
  const socket = join(dir, 'fcgi.sock')
  const wrap = launch(meter, programs.fcgiwrap, ['-c', String(FCGI_WORKERS), '-s', `unix:${socket}`])
  const params: Record<string, string> = {
    ...withPushes(env),
    SCRIPT_FILENAME: programs.backend,
    GIT_PROJECT_ROOT: repositories,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: '$uri',
    QUERY_STRING: '$query_string',
    REQUEST_METHOD: '$request_method',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    REMOTE_ADDR: '$remote_addr',
    REMOTE_USER: 'bench',
    SERVER_PROTOCOL: '$server_protocol',
  }
  // Set to its advantage: answers are not spooled to disk, and pushes stream.
  const location = [
    ...Object.entries(params).map(([name, value]) => `fastcgi_param ${name} "${escaped(value)}";`),
    `fastcgi_pass unix:${socket};`,
    'fastcgi_buffers 64 64k; fastcgi_buffer_size 64k; fastcgi_busy_buffers_size 128k; fastcgi_max_temp_file_size 0;',
    'fastcgi_request_buffering off; fastcgi_read_timeout 600s; client_max_body_size 0;',
  ]
  const nginx = await startNginx(dir, { meter, programs, location })
  return {
    name: 'backend',
    url: nginx.url,
    meter,
    stop: async () => {
      await nginx.stop()
      // fcgiwrap's workers take no notice of SIGTERM while they wait for a request.
      await end(wrap, meter)
    },
  }
}

/** Serves what lies in `files`. */
export async function startLimit(
  dir: string,
  { files, programs }: { files: string; programs: Programs },
): Promise<Side> {
  mkdirSync(dir, { recursive: true })
  const meter = openMeter('limit')
  const nginx = await startNginx(dir, { meter, programs, location: [`root ${files};`] })
  return { name: 'limit', url: nginx.url, meter, stop: () => nginx.stop().then(() => end(undefined, meter)) }
}

function withPushes(env: Record<string, string>): Record<string, string> {
  const count = Number(env['GIT_CONFIG_COUNT'] ?? 0)
  return {
    ...env,
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: 'http.receivepack',
    [`GIT_CONFIG_VALUE_${count}`]: 'true',
  }
}

function escaped(value: string): string {
  return value.replace(/[\\"]/g, (c) => `\\${c}`)
}

interface Nginx {
  meter: Meter
  programs: Programs
  location: string[]
}

async function startNginx(
  dir: string,
  { meter, programs, location }: Nginx,
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const temporary = ['client_body', 'fastcgi', 'proxy', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  )
  const config = [
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `daemon off; worker_processes auto; pid ${dir}/nginx.pid; error_log ${dir}/error.log;`,
    'events { worker_connections 512; }',
    `http { access_log off; ${temporary.join(' ')} default_type application/octet-stream;`,
    'sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 600s;',
    `server { listen 127.0.0.1:${port}; location / {`,
    ...location,
    '} } }',
  ]
  const file = join(dir, 'nginx.conf')
  writeFileSync(file, `${config.join('\n')}\n`)
  const child = launch(meter, programs.nginx, ['-c', file, '-p', dir, '-e', join(dir, 'error.log')])
  await listening(port, child)
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

function launch(meter: Meter, command: string, args: string[]): ChildProcess {
  const [outer, all] = meter.around(command, args)
  const child = spawn(outer, all, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (child.pid !== undefined) meter.watch(child.pid)
  return child
}

async function end(child: ChildProcess | undefined, meter: Meter): Promise<void> {
  for (const pid of meter.pids()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  for (let tries = 0; meter.pids().length > 0 && tries < 100; tries++) await sleep(10)
  meter.close()
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0))
    })
  })
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const fine = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (fine) return
    await sleep(25)
  }
  throw new Error(`nginx does not listen on ${port}`)
}
