// The load that rows are measured under: wrk where it is installed, else our own client, in a process of its own.
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../build/nginx.mjs'
import type { Outcome, Target, Work } from './client.ts'

export interface Load {
  /** Name of what makes the requests of `rate`. */
  readonly tool: 'wrk' | 'node:http'
  rate(target: Target, connections: number, seconds: number): Promise<Outcome>
  transfer(targets: Target[]): Promise<Outcome>
  close(): void
}

interface Options {
  /** Folder for scripts. */
  dir: string
  /** Runs the client of `rate` on this core. */
  taskset?: { path: string; core: string } | undefined
  /** For the smoke test: our own client even where wrk is installed. */
  plain?: boolean
}

export function target(
  url: string,
  { body, headers = {} }: { body?: Buffer; headers?: Record<string, string> } = {},
): Target {
  const method = body === undefined ? 'GET' : 'POST'
  return { url, method, headers, body: (body ?? Buffer.alloc(0)).toString('base64') }
}

export function openLoad({ dir, taskset, plain = false }: Options): Load {
  const wrk = plain ? undefined : findProgram('wrk')
  const pinned = start(taskset)
  const free = start(undefined)
  return {
    tool: wrk === undefined ? 'node:http' : 'wrk',
    rate: (to, connections, seconds) =>
      wrk === undefined
        ? ask(pinned, { kind: 'rate', target: to, connections, seconds })
        : runWrk([...(taskset ? [taskset.path, '-c', taskset.core] : []), wrk], { to, connections, seconds, dir }),
    transfer: (targets) => ask(free, { kind: 'transfer', targets }),
    close: () => {
      for (const child of [pinned, free]) child.kill('SIGKILL')
    },
  }
}

function start(taskset: { path: string; core: string } | undefined): ChildProcess {
  const file = join(import.meta.dirname, 'client.ts')
  if (!taskset) return fork(file)
  const args = ['-c', taskset.core, process.execPath]
  return fork(file, { execPath: taskset.path, execArgv: args })
}

async function ask(child: ChildProcess, work: Work): Promise<Outcome> {
  const ended = new AbortController()
  const gone = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the load's process ended with ${String(code)}`)
  })
  gone.catch(() => {})
  const answer = once(child, 'message', { signal: ended.signal })
  child.send(work)
  try {
    const [outcome] = (await Promise.race([answer, gone])) as [Outcome]
    return outcome
  } finally {
    ended.abort()
  }
}

interface Wrk {
  to: Target
  connections: number
  seconds: number
  dir: string
}

/** wrk takes whole seconds only; its script tells what it counted in a form for programs. */
function runWrk([command = '', ...before]: string[], { to, connections, seconds, dir }: Wrk): Promise<Outcome> {
  const script = join(dir, 'wrk.lua')
  writeFileSync(script, luaScript(to))
  const whole = Math.max(1, Math.round(seconds))
  const args = [...before, '-t1', `-c${connections}`, `-d${whole}s`, '--timeout', '60s', '-s', script, to.url]
  return new Promise((resolve, reject) => {
    execFile(command, args, (error, stdout, stderr) => {
      const found = /^counted (\d+) (\d+) (\d+) (\d+)$/m.exec(stdout)
      if (error || !found) {
        reject(new Error(`wrk: ${stderr || stdout}`))
        return
      }
      const [requests = 0, failed = 0, bytes = 0, micros = 0] = found.slice(1).map(Number)
      resolve({ requests, failed, bytes, seconds: micros / 1e6 })
    })
  })
}

function luaScript({ method, headers, body }: Target): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `wrk.headers[${quoted(Buffer.from(name))}] = ${quoted(Buffer.from(value))}`,
  )
  if (method === 'POST') lines.push('wrk.method = "POST"', `wrk.body = ${quoted(Buffer.from(body, 'base64'))}`)
  lines.push(
    'done = function(summary)',
    '  local e = summary.errors',
    '  local failed = e.connect + e.read + e.write + e.status + e.timeout',
    '  print(string.format("counted %d %d %d %d", summary.requests, failed, summary.bytes, summary.duration))',
    'end',
  )
  return `${lines.join('\n')}\n`
}

/** A Lua text in which no byte needs to be looked at. */
function quoted(bytes: Buffer): string {
  return `"${[...bytes].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`
}
