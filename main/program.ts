// The server's own program, run as a child: `serve` for as long as the window wants, other commands to their end.
import { type ChildProcess, spawn } from 'node:child_process'
import type { ServerWord } from '../server/contract/process.ts'
import type { ServerProcess } from './supervisor.ts'

export interface Program {
  /** The Node that runs it, and the built server. */
  node: string
  main: string
  env: NodeJS.ProcessEnv
}

export interface ServeOptions {
  data: string
  host: string
  port: number
  /** Told each line that the server writes. */
  line: (text: string) => void
}

/** Linked to us: where we die without a word, it drains and ends by itself. */
export function serve({ node, main, env }: Program, { data, host, port, line }: ServeOptions): ServerProcess {
  const args = [main, 'serve', '--data', data, '--host', host, '--port', String(port)]
  // A group of its own, so that it can be ended with all its helpers, also when they are too stuck to notice.
  const detached = process.platform !== 'win32'
  const child = spawn(node, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], windowsHide: true, detached })
  eachLine(child.stdout, line)
  eachLine(child.stderr, line)
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', (error) => {
      line(error.message)
      if (child.pid === undefined) resolve(null)
    })
  })
  return {
    pid: child.pid,
    onWord: (hear) => void child.on('message', (word) => isWord(word) && hear(word)),
    onExit: (hear) => void ended.then(hear),
    drain: () => (process.platform === 'win32' ? child.connected && child.disconnect() : child.kill('SIGTERM')),
    kill: () => killWithHelpers(child),
  }
}

function killWithHelpers(child: ChildProcess): void {
  if (child.pid === undefined) return
  if (process.platform === 'win32') return void child.kill('SIGKILL')
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // All of them are gone.
  }
}

function isWord(word: unknown): word is ServerWord {
  return (
    typeof word === 'object' && word !== null && 'kind' in word && (word.kind === 'ready' || word.kind === 'refused')
  )
}

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs another command of the program to its end; `input` goes to its standard input. */
export function run(
  { node, main, env }: Program,
  args: readonly string[],
  input = '',
  line?: (text: string) => void,
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(node, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    if (line) eachLine(child.stdout, line)
    child.on('error', (error) => (stderr += error.message))
    child.on('close', (code) => resolve({ code, stdout, stderr: stderr.trim() }))
    child.stdin.on('error', () => {}) // It ended before it read all.
    child.stdin.end(input)
  })
}

function eachLine(stream: NodeJS.ReadableStream | null, line: (text: string) => void): void {
  let rest = ''
  stream?.on('data', (chunk: Buffer | string) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(line)
  })
}
