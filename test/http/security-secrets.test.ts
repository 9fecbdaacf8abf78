// Secrets leave no trace: whatever is done with them, and whatever fails, none stands in a log, a file or an error.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, signIn } from '../helpers/client.ts'
import { commitFile, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { eventually, findPath, gitProcesses } from '../helpers/invariant.ts'
import { raw, type RawAnswer, type RawAsk } from '../helpers/raw.ts'
import { gitstead, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

const OWN = '/api/gitstead/1'
const JSON_TYPE = { 'Content-Type': 'application/json' }

let server: Server
let dir: string
let work: string
let ada: Client
let other: HttpServer
let respond: RequestListener
const canaries = new Map<string, string>()
/** What was answered to requests that failed, headers included. */
const errors: string[] = []

beforeAll(async () => {
  dir = tempDir()
  work = join(dir, 'work')
  await makeWork(work)
  other = createServer((request, response) => respond(request, response))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()))
  server = await startServer({ env: { GITSTEAD_LOG: 'debug' } })
  ada = await signIn(server)
  await ada.put(`${OWN}/settings`, { allowed_imports: ['127.0.0.1'] })
})
afterAll(async () => {
  other.closeAllConnections()
  other.close()
  await server.stop()
  remove(dir)
  remove(server.data)
})

/** A secret of this test: what it is for, and letters that stand nowhere by chance. */
function canary(what: string): string {
  const secret = `canary-${what}-${randomBytes(9).toString('hex')}`
  canaries.set(what, secret)
  return secret
}

/** Remembers a secret that the server made. */
function caught(what: string, secret: string | undefined): string {
  expect(secret, what).toMatch(/^.{20,}$/)
  canaries.set(what, secret ?? '')
  return secret ?? ''
}

async function ask(wanted: RawAsk): Promise<RawAnswer> {
  const answer = await raw(server, wanted)
  if (answer.status >= 400) errors.push(`${answer.rawHeaders.join(' ')} ${answer.text}`)
  return answer
}

function send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return ask({ method, path, headers: { ...JSON_TYPE, ...headers }, body: text })
}

const cookieOf = (answer: RawAnswer): string =>
  /gitstead_session=([^;]*)/.exec(String(answer.headers['set-cookie']))?.[1] ?? ''
const tokenOf = (url: string): string => new URL(url).hash.replace('#token=', '')
const basic = (name: string, secret: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
})

/** The secret itself, and what can be turned back into it: Base64 at each of its three places, and hex. */
function shapesOf(secret: string): string[] {
  const shifted = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .slice(4, -4),
  )
  return [secret, ...shifted, Buffer.from(secret).toString('hex')]
}

/** Every file below as it is now; what goes away while this looks is gone. */
function contents(folder: string): [string, Buffer][] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? contents(path) : entry.isFile() ? [[path, readFileSync(path)]] : []
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** What the program left behind so far: files of the data folder, its log, what it answered to requests that failed. */
function traces(): [string, Buffer][] {
  const said: [string, string][] = [['log', server.stdout() + server.stderr()], ...errors.map(errorTrace)]
  return [...contents(server.data), ...said.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)])]
}

function errorTrace(error: string): [string, string] {
  return [`error ${error.slice(0, 200)}`, error]
}

function leaks(): string[] {
  const all = traces()
  const placesOf = (text: string): string[] => all.filter(([, bytes]) => bytes.includes(text)).map(([name]) => name)
  const whole = [...canaries].flatMap(([what, secret]) =>
    shapesOf(secret).flatMap((shape) => placesOf(shape).map((place) => `${what}: ${place}`)),
  )
  // Nor any beginning of one: every secret that is made up here begins with the same letters.
  return [...whole, ...placesOf('canary-')]
}

/** Everything that people do with passwords in a form. `round` keeps the names of two runs apart. */
async function signInEveryWay(round: string, name: string, password: string): Promise<RawAnswer> {
  const path = `${OWN}/session`
  const wrong = canary(`wrong-${round}`)
  await send('POST', path, { username: name, password: wrong })
  await send('POST', path, { username: wrong, password: wrong })
  await send('POST', path, { username: name, password: [wrong] })
  await send('POST', path, { username: { [wrong]: wrong }, password: wrong })
  await send('POST', path, `{"username":"${name}","password":"${wrong}" oops`)
  await send('POST', path, `{"password":${wrong}}`)
  await send('POST', path, `"${wrong}"`)
  await send('POST', path, wrong)
  await send('POST', path, `password=${wrong}`, { 'Content-Type': 'application/x-www-form-urlencoded' })
  await send('POST', path, { username: name, password: wrong }, { 'Content-Type': `text/${wrong}` })
  await send('POST', path, { username: name, password: wrong }, { Origin: `http://${wrong}.test` })
  await send('POST', `${path}?password=${wrong}`, { username: name })
  await send('POST', path, { username: name, password: wrong.repeat(30_000) })
  await ask({ path: `/2.0/user?access_token=${wrong}` })
  await ask({ path: '/2.0/user', headers: { Authorization: wrong } })
  await ask({ path: '/2.0/user', headers: { Authorization: `Basic ${wrong}` } })
  await ask({ path: '/2.0/user', headers: { Cookie: `gitstead_session=${wrong}` } })
  return send('POST', path, { username: name, password })
}

/** Git and the API with a password or token, right and wrong. */
async function carry(round: string, repository: string, secrets: [string, string][]): Promise<void> {
  const wrong = canary(`carried-${round}`)
  for (const [name, secret] of [...secrets, ['carol', wrong], ['x-token-auth', `gsp_${wrong}`]] as [string, string][]) {
    const url = withLogin(`${server.url}/${repository}.git`, name, secret)
    await tryGit(work, ['ls-remote', url])
    await tryGit(work, ['push', url, `main:refs/heads/${round}-${secret.length}`])
    await tryGit(work, ['push', url, 'main:refs/gitstead/mine'])
    await ask({ path: `/${repository}.git/info/refs?service=git-upload-pack`, headers: basic(name, secret) })
    await ask({ path: `/${repository}.git/info/refs?service=${secret}`, headers: basic(name, secret) })
    await ask({ path: `/2.0/repositories/${repository}/commits`, headers: basic(name, secret) })
    await ask({ path: '/2.0/repositories/none/none', headers: { Authorization: `Bearer ${secret}` } })
    await send('POST', `/${repository}.git/git-receive-pack`, secret, basic(name, secret))
  }
}

const importUrl = (name: string, secret: string): string =>
  `http://x:${secret}@127.0.0.1:${(other.address() as AddressInfo).port}/${name}.git`

async function ended(id: string): Promise<string> {
  let state = ''
  await eventually(async () => {
    state = (await ada.get(`${OWN}/imports/${id}`)).body.state
    return state !== 'waiting' && state !== 'running'
  }, 20_000)
  return state
}

async function importEveryWay(headers: Record<string, string>): Promise<void> {
  const secret = canary('import')
  const start = (url: string, name: string, more: object = {}): Promise<RawAnswer> =>
    send('POST', `${OWN}/imports`, { url, workspace: 'carol', name, ...more }, headers)
  for (const url of [
    'http://x:SECRET@10.0.0.1/a',
    'https://x:SECRET@unknown.invalid/a',
    'ssh://x:SECRET@h/a',
    'https://h/?t=SECRET',
    'SECRET',
  ])
    expect((await start(url.replace('SECRET', secret), 'refused')).status).toBe(400)

  for (const [i, status] of [401, 403, 404, 500].entries()) {
    respond = (_request, response) =>
      void response.writeHead(status, status === 401 ? { 'WWW-Authenticate': 'Basic realm="x"' } : {}).end('no')
    expect(await ended((await start(importUrl(`a${i}`, secret), `a${i}`)).json.id)).toBe('failed')
    const inFields = { username: 'x', password: secret }
    const plain = importUrl(`b${i}`, '').replace('x:@', '')
    expect(await ended((await start(plain, `b${i}`, inFields)).json.id)).toBe('failed')
  }

  let waits = 0
  respond = () => void (waits += 1)
  const stalled = await start(importUrl('stalled', secret), 'stalled')
  expect(await eventually(() => waits > 0)).toBe(true)
  const argv = gitProcesses(server.data).map(({ args }) => args)
  expect(argv.some((args) => args.includes('stalled.git'))).toBe(true)
  for (const shape of shapesOf(secret)) expect(argv.filter((args) => args.includes(shape))).toEqual([])
  expect(leaks()).toEqual([])
  expect((await send('DELETE', `${OWN}/imports/${stalled.json.id}`, {}, headers)).status).toBe(204)
  expect(await ended(stalled.json.id)).toBe('cancelled')
}

it('by people who do all that can be done with a secret, rightly and wrongly', async () => {
  const made = await ada.post(`${OWN}/invitations`, { workspace: 'ada', role: 'collaborator' })
  const token = caught('invitation', tokenOf(made.body.url))
  const first = canary('first-password')
  await ask({ path: `${OWN}/links/${token}` })
  const account = { username: 'carol', display_name: 'Carol', password: first }
  await send('POST', `${OWN}/links/${token}/accept`, { ...account, username: 'No Name' })
  await send('POST', `${OWN}/links/${token}/accept`, { ...account, password: [first] })
  await send('POST', `${OWN}/links/${token}/reset`, { password: first })
  await send('POST', `${OWN}/links/${token}`, account)
  const accepted = await send('POST', `${OWN}/links/${token}/accept`, account)
  expect(accepted.status).toBe(201)
  expect((await send('POST', `${OWN}/links/${token}/accept`, account)).status).toBe(410)
  caught('session-of-accepting', cookieOf(accepted))

  const signed = await signInEveryWay('healthy', 'carol', first)
  expect(signed.status).toBe(201)
  const cookie = caught('session', cookieOf(signed))
  const browser = { Cookie: `gitstead_session=${cookie}`, 'X-CSRF-Token': signed.json.csrf }
  await ask({ path: '/2.0/repositories/none/none', headers: browser })
  await send('PUT', `${OWN}/profile`, { display_name: '' }, browser)
  await send('PUT', `${OWN}/profile`, { display_name: 'x' }, { Cookie: browser.Cookie })
  await ask({ method: 'DELETE', path: `${OWN}/sessions/${cookie}`, headers: browser })

  const second = canary('second-password')
  await send('PUT', `${OWN}/password`, { current: second, password: second }, browser)
  await send('PUT', `${OWN}/password`, { current: first, password: [second] }, browser)
  expect((await send('PUT', `${OWN}/password`, { current: first, password: second }, browser)).status).toBe(204)
  const reset = caught('reset', tokenOf((await ada.post(`${OWN}/people/carol/reset-link`)).body.url))
  const third = canary('third-password')
  await ask({ path: `${OWN}/links/${reset}` })
  await send('POST', `${OWN}/links/${reset}/reset`, { password: { third } })
  expect((await send('POST', `${OWN}/links/${reset}/reset`, { password: third })).status).toBe(204)
  expect((await send('POST', `${OWN}/links/${reset}/reset`, { password: third })).status).toBe(410)

  const again = await send('POST', `${OWN}/session`, { username: 'carol', password: third })
  const page = {
    Cookie: `gitstead_session=${caught('last-session', cookieOf(again))}`,
    'X-CSRF-Token': again.json.csrf,
  }
  expect((await send('POST', '/2.0/repositories/carol/web', {}, page)).status).toBe(201)
  const wanted = { label: 'a label that is stored', scopes: ['repository:write'] }
  const app = caught('app-password', (await send('POST', `${OWN}/app-passwords`, wanted, page)).json.secret)
  await ask({ method: 'DELETE', path: `${OWN}/app-passwords/${app}`, headers: page })
  await carry('healthy', 'carol/web', [
    ['carol', third],
    ['carol', app],
    ['x-token-auth', app],
    [app, 'x'],
  ])
  await importEveryWay(page)

  expect(errors.length).toBeGreaterThan(40)
  expect(traces().some(([, bytes]) => bytes.includes('a label that is stored'))).toBe(true)
  expect(leaks()).toEqual([])
})

function run(args: string[], input = ''): string {
  const { stdout, stderr } = gitstead([...args, '--data', server.data], input)
  errors.push(stderr)
  return stdout
}

it('at the shell', () => {
  run(['user', 'add', 'dora', '--password-stdin'], canary('shell-added'))
  run(['user', 'add', 'dora', '--password-stdin'], canary('shell-again'))
  run(['user', 'passwd', 'dora', '--password-stdin'], canary('shell-changed'))
  run(['user', 'passwd', 'nobody', '--password-stdin'], canary('shell-nobody'))
  caught('shell-token', run(['token', 'create', '--user', 'dora']).trim())
  run(['repo', 'import', 'ada/refused', `http://x:${canary('shell-import')}@10.0.0.1/a.git`, '--user', 'ada'])
  expect(leaks()).toEqual([])
})

it('while the database refuses what is written and the repository is gone', async () => {
  const password = canary('broken-password')
  gitstead(['user', 'passwd', 'carol', '--password-stdin', '--data', server.data], password)
  const signed = await send('POST', `${OWN}/session`, { username: 'carol', password })
  const browser = { Cookie: `gitstead_session=${cookieOf(signed)}`, 'X-CSRF-Token': signed.json.csrf }
  caught('broken-session', cookieOf(signed))
  const app = caught(
    'broken-app',
    (await send('POST', `${OWN}/app-passwords`, { label: 'x', scopes: ['repository'] }, browser)).json.secret,
  )
  const invited = await ada.post(`${OWN}/invitations`, { workspace: 'ada', role: 'collaborator' })
  const token = caught('broken-invitation', tokenOf(invited.body.url))
  const reset = caught('broken-reset', tokenOf((await ada.post(`${OWN}/people/dora/reset-link`)).body.url))
  await commitFile(work, 'more.txt', 'more')
  const folder = findPath(server.data, 'carol/web')
  renameSync(folder, `${folder}.gone`)
  const db = new Database(join(server.data, 'gitstead.db'), { timeout: 5000 })
  db.exec('alter table events rename to events_gone')
  const before = errors.length
  try {
    const next = canary('broken-next')
    const account = { username: 'eric', display_name: 'x', password: next }
    await signInEveryWay('broken', 'carol', password)
    expect((await send('POST', `${OWN}/links/${token}/accept`, account)).status).toBe(500)
    expect((await send('POST', `${OWN}/links/${reset}/reset`, { password: next })).status).toBe(500)
    expect((await send('PUT', `${OWN}/password`, { current: password, password: next }, browser)).status).toBe(500)
    await send('POST', `${OWN}/app-passwords`, { label: 'x', scopes: ['repository'] }, browser)
    await send(
      'POST',
      `${OWN}/imports`,
      { url: importUrl('broken', next), workspace: 'carol', name: 'broken' },
      browser,
    )
    await carry('broken', 'carol/web', [
      ['carol', password],
      ['carol', app],
    ])
  } finally {
    db.exec('alter table events_gone rename to events')
    db.close()
    renameSync(`${folder}.gone`, folder)
  }
  expect(errors.slice(before).filter((error) => /It was logged under/.test(error)).length).toBeGreaterThan(5)
  expect(server.stderr()).toContain('unexpected failure')
  expect(leaks()).toEqual([])
})

it('nor after the server has ended', async () => {
  await server.stop()
  expect(canaries.size).toBeGreaterThan(15)
  expect(leaks()).toEqual([])
})
