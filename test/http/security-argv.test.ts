// Argument injection: hostile words in every parameter, field and header of every route, with a recorder in git's place.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic } from '../helpers/client.ts'
import { raw, type RawAsk } from '../helpers/raw.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { PARAMS, recordOf, type Target, TARGETS } from '../helpers/targets.ts'
import { makeWorld, quiet } from '../helpers/world.ts'

/** Each place is tried with one word in so many, another one in each place; `npm run soak` tries all in all. */
const EVERY = process.env['GITSTEAD_SOAK'] === undefined ? 6 : 1
let server: Server
let dir: string
let canary: string
let hostile: string[]

beforeAll(async () => {
  dir = tempDir()
  canary = join(dir, 'canary')
  hostile = [
    `--upload-pack=touch ${canary}`,
    `--output=${canary}`,
    `--exec=touch ${canary}`,
    '--help',
    '-h',
    '-c',
    '--no-index',
    '--',
    `-oProxyCommand=touch ${canary}`,
    `ext::sh -c touch% ${canary}`,
    `$(touch ${canary})`,
    `; touch ${canary}`,
    `main\u0000--output=${canary}`,
    `main\n--output=${canary}`,
    `refs/heads/main --output=${canary}`,
    `@{-1}`,
    `:(attr:x)--x`,
    `../../../etc/passwd`,
  ]
  server = await startServer({
    env: { PATH: `${recorder(join(dir, 'bin'), join(dir, 'argv'))}${delimiter}${process.env['PATH']}` },
  })
  await makeWorld(server, dir)
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

/** A program called git that writes its arguments down, one file per call, and becomes the real one. */
function recorder(bin: string, records: string): string {
  mkdirSync(bin)
  mkdirSync(records)
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  const script = `#!/bin/sh\nprintf '%s\\0' "$@" >> '${records}'/$$\nexec '${real}' "$@"\n`
  writeFileSync(join(bin, 'git'), script)
  chmodSync(join(bin, 'git'), 0o755)
  return bin
}

function recorded(): string[] {
  return readdirSync(join(dir, 'argv')).flatMap((file) => readFileSync(join(dir, 'argv', file), 'utf8').split('\0'))
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

function valueOf(name: string): string {
  return name === 'repo_slug' ? 'private' : (PARAMS[name] ?? '')
}

/** The path with one of its names, by turns, replaced by the word: encoded, as any client may send it. */
function paths(target: Target, word: string): string[] {
  const names = [...target.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name ?? '')
  return names.map((hit) =>
    target.path.replace(/[:*](\w+)/g, (_all, name: string) => {
      return name === hit ? encodeURIComponent(word) : valueOf(name)
    }),
  )
}

/** The value with every text in it, by turns, replaced by the word. */
function poisoned(value: unknown, word: string): unknown[] {
  if (typeof value === 'string') return [word]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    poisoned(inner, word).map((changed) => {
      const copy = structuredClone(value) as Record<string, unknown>
      copy[name] = changed
      return copy
    }),
  )
}

function asks(target: Target, word: string): RawAsk[] {
  const { method } = target
  // What a plain path would remove stays for the routes after this one.
  const plain = method === 'DELETE' ? [] : [target.path.replace(/[:*](\w+)/g, (_all, name: string) => valueOf(name))]
  const all: RawAsk[] = paths(target, word).map((path) => ({ method, path }))
  const fields = Object.keys((recordOf(target)?.query as { shape?: object } | undefined)?.shape ?? {})
  for (const name of [...fields, 'q', 'sort', 'fields', 'path', 'include', 'exclude', 'revision', 'spec'])
    all.push(
      ...plain.map((path) => ({ method, path: `${path.replace(/\?.*/, '')}?${name}=${encodeURIComponent(word)}` })),
    )
  for (const body of poisoned(target.body, word))
    all.push(...plain.map((path) => ({ method, path, headers: JSON_TYPE, body: JSON.stringify(body) })))
  if (target.git)
    all.push(...plain.map((path) => ({ method, path, headers: { 'Git-Protocol': word.replace(/[^ -~]/g, '') } })))
  return all
}

describe('no argument of git begins with a dash that came from outside', () => {
  // A session is spared from being signed out, as the rest of the run needs the account as it is.
  it.each(TARGETS.filter(({ name }) => !/password|\/session|people/.test(name)))('$name', async (target) => {
    const auth = basic(ADMIN.name, ADMIN.password)
    const turn = TARGETS.indexOf(target)
    for (const [at, word] of hostile.entries())
      await Promise.all(
        asks(target, word).map(async (ask, place) => {
          if ((at + turn + place) % EVERY !== 0) return
          const answer = await raw(server, { ...ask, headers: { ...auth, ...ask.headers } })
          expect(answer.status, `${ask.method} ${ask.path}`).not.toBe(500)
        }),
      )
  })

  it('and git was called, with arguments of ours alone', async () => {
    await quiet(server)
    const all = recorded()
    expect(all.length).toBeGreaterThan(20)
    expect(all.filter((element) => hostile.includes(element) && !OURS.has(element))).toEqual([])
    // A path that was asked for stands behind its magic words, so it is neither an option nor a pattern; words that
    // commits are looked for by stand behind the name of their option.
    const others = all.filter((element) => !/^(?::\((?:literal|glob)\)|--author=|--grep=)/.test(element))
    expect(others.filter((element) => element.includes(canary))).toEqual([])
    expect(all.filter((element) => element.includes('\n') && !/^:\((literal|glob)\)/.test(element))).toEqual([])
    expect(existsSync(canary)).toBe(false)
  })
})

/** Short words that we say ourselves. */
const OURS = new Set(['-c', '--'])
