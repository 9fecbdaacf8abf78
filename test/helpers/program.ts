// The program as a process: runs that should end by themselves, what a running one holds, places where it can be stopped.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server as NetServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'

export interface Attempt {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the program where it is expected to end by itself. */
export function attempt(
  args: string[],
  options: { env?: Record<string, string>; uid?: number; node?: string } = {},
): Attempt {
  const { env = {}, node = process.execPath, ...rest } = options
  const own = rest.uid === undefined ? {} : { uid: rest.uid, gid: rest.uid }
  const { status, stdout, stderr } = spawnSync(node, args, {
    ...own,
    env: { ...process.env, GITSTEAD_LOG: 'error', ...env },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { code: status, stdout, stderr }
}

/** One clear sentence on stderr, nothing on stdout, exit code 1. */
export function refused({ code, stdout, stderr }: Attempt, sentence: RegExp): void {
  expect(stderr).toMatch(sentence)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stdout).toBe('')
  expect(code).toBe(1)
}

/** Git's own hooks of the server serve as places to stop at. */
export function hook(data: string, name: string, script: string): void {
  const file = join(data, 'git', 'hooks', name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '')
    })
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)))
  })
}

export function occupied(): Promise<NetServer> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
  })
}

export async function freePort(): Promise<number> {
  const server = await occupied()
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}

/**
 * Makes the server's git write one file per git process into `folder`: everything that it starts, and what those start.
 * Lasts until a command of the program or a start writes git's configuration anew.
 */
export function traceGit(data: string, folder: string): void {
  appendFileSync(join(data, 'git', 'config'), `[trace2]\n\teventTarget = "${folder}"\n`)
}

export function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}
