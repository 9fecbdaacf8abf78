// The server under the window: kept running, found hung, attached to, paused, restarted, drained; and its port.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults } from '../helpers/browser.ts'
import { basic, client } from '../helpers/client.ts'
import { makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { eventually, findPath } from '../helpers/invariant.ts'
import { treeOf } from '../helpers/proc.ts'
import { freePort, hook, isRunning } from '../helpers/program.ts'
import { ADMIN, remove, startServer, tempDir, workersOf } from '../helpers/server.ts'
import { closeDesktops, type Desktop, openDesktop } from './launch.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(closeDesktops)
afterAll(() => browser.close())

async function running(raw: object = {}): Promise<Desktop & { pid: number; url: string }> {
  const desktop = await openDesktop({ browser, settings: { raw } })
  const { server } = await desktop.until((state) => state.server.state === 'running')
  return Object.assign(desktop, { pid: server.pid ?? 0, url: server.url ?? '' })
}

describe('a server that ends', () => {
  it('five times in turn is given up, with its last words, and starts again when asked', async () => {
    const { until, state, page } = await running()
    const pauses: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      const { server } = await until((now) => now.server.state === 'running')
      process.kill(server.pid ?? 0, 'SIGKILL')
      const { server: after } = await until((now) => now.server.pid !== server.pid)
      if (after.retryAt !== null) pauses.push(after.retryAt - Date.now())
    }
    const { server } = await until((now) => now.server.state === 'failed')
    expect(server.failures).toBe(5)
    await page.getByText('It failed five times in turn').waitFor()
    await page.getByRole('button', { name: 'Export diagnostics' }).waitFor()
    expect(await page.locator('pre.log').innerText()).toMatch(/ready/)
    await page.getByRole('button', { name: 'Start' }).click()
    await until((now) => now.server.state === 'running')
    expect((await state()).server.failures).toBe(0)
    expect(pauses.every((pause) => pause <= 2000)).toBe(true)
  })

  it('because its database is damaged says so in words, and is not tried again and again', async () => {
    const desktop = await openDesktop({
      browser,
      settings: {},
      prepare: (userData) => {
        rmSync(join(userData, 'data', 'gitstead.db'))
        writeFileSync(join(userData, 'data', 'gitstead.db'), 'x'.repeat(8192))
      },
    })
    await desktop.page
      .getByText(/damaged|not a database/)
      .first()
      .waitFor()
    expect((await desktop.state()).server.pid).toBe(null)
  })
})

it('a server that answers no more is ended and started again', { timeout: 120_000 }, async () => {
  const { pid, until } = await running()
  const all = [pid, ...workersOf(pid)]
  for (const one of all) process.kill(one, 'SIGSTOP')
  const { server } = await until((state) => state.server.state === 'running' && state.server.pid !== pid, 90_000)
  expect(server.failures).toBe(1)
  expect(await eventually(() => all.every((one) => !isRunning(one)))).toBe(true)
})

describe('a port that is taken', () => {
  it('by ourselves, on a copy of the same data, is told from a stranger', async () => {
    const port = await freePort()
    const copy = tempDir()
    let other
    try {
      const desktop = await openDesktop({
        browser,
        settings: { port, raw: { startInBackground: true } },
        prepare: (userData) => cpSync(join(userData, 'data'), copy, { recursive: true }),
      })
      await desktop.until((now) => now.server.state === 'running')
      await desktop.ask('pause')
      other = await startServer({ data: copy, port })
      await desktop.ask('resume')
      const state = await desktop.until((now) => now.port !== null)
      expect(state.port?.busy).toBe('ourselves')
      await desktop.page.getByText('It is this very Gitstead').waitFor()
    } finally {
      await other?.stop()
      remove(copy)
    }
  })
})

describe('a server that runs already, as a service', () => {
  it(
    'is shown and used, and runs on when the window quits; when it ends, ours takes its place',
    { timeout: 120_000 },
    async () => {
      const userData = tempDir('gitstead-desktop-')
      const service = await startServer({ data: join(userData, 'data') })
      const first = await openDesktop({ browser, userData, settings: {} })
      await first.until((state) => state.attached !== null)
      await first.quit()
      expect(isRunning(service.process.pid ?? 0)).toBe(true)
      const desktop = await openDesktop({ browser, userData, settings: {} })
      const { attached } = await desktop.until((state) => state.attached !== null)
      expect(attached).toEqual({ url: service.url, pid: service.process.pid })
      await desktop.page.getByText('It was started elsewhere').waitFor()
      expect((await desktop.ask('restart')).problem).toMatch(/started elsewhere/)
      expect((await desktop.ask('pause')).problem).toMatch(/started elsewhere/)
      expect(await desktop.ask('people')).toMatchObject([{ name: 'ada', admin: true }])
      await service.stop()
      const { server } = await desktop.until((state) => state.server.state === 'running', 60_000)
      expect(server.pid).not.toBe(service.process.pid)
    },
  )
})

describe('the data folder', () => {
  it('stays where it is when the other place will not do or nobody chooses one, and is moved: stopped, copied, compared, switched; the one before is kept', async () => {
    const desktop = await running()
    const { page, standIn, userData, data, url, until, ask } = desktop
    standIn.outside.answers.push({ canceled: true, filePaths: [] })
    expect(await ask('moveData')).toEqual({})
    expect((await until((state) => state.server.state === 'running')).server.pid).toBe(desktop.pid)
    const full = join(userData, 'used')
    mkdirSync(full)
    writeFileSync(join(full, 'something'), '')
    standIn.outside.answers.push({ canceled: false, filePaths: [full] })
    expect((await ask('moveData')).problem).toMatch(/empty/)
    const stayed = await until((state) => state.server.state === 'running')
    expect([stayed.dataFolder, stayed.move?.state]).toEqual([data, 'failed'])
    await page.getByRole('tab', { name: 'Storage' }).click()
    await page.getByText('The data is where it was.').waitFor()

    const to = join(userData, 'new disk', 'Gitstead data')
    const ada = client({ url }, basic(ADMIN.name, ADMIN.password))
    await ada.post('/2.0/repositories/ada/web')
    standIn.outside.answers.push({ canceled: false, filePaths: [to] })
    mkdirSync(dirname(to))
    await page.getByRole('button', { name: 'Move it…' }).click()
    await page.getByRole('button', { name: 'Stop and choose the folder' }).click()
    const { dataFolder, move } = await until((state) => state.server.state === 'running' && state.dataFolder === to)
    expect(dataFolder).toBe(to)
    expect(move?.state).toBe('done')
    await page.getByText(`The data is in ${to} now.`).waitFor()
    expect(existsSync(join(data, 'gitstead.db'))).toBe(true)
    expect((await ada.get('/2.0/repositories/ada/web')).status).toBe(200)
    expect(findPath(to, 'ada/web').startsWith(to)).toBe(true)
    expect(JSON.parse(readFileSync(join(userData, 'settings.json'), 'utf8')).data).toBe(to)
  })
})

/** A push that the server does not accept before it is told to go on; begun, and seen by the shell. */
async function slowPush(desktop: Desktop & { url: string }): Promise<SlowPush> {
  const { url, data, userData, ask } = desktop
  const ada = client({ url }, basic(ADMIN.name, ADMIN.password))
  expect((await ada.post('/2.0/repositories/ada/web')).status).toBe(201)
  const go = join(userData, 'go')
  hook(data, 'pre-receive', `for i in $(seq 300); do [ -e '${go}' ] && break; sleep 0.2; done`)
  const work = join(userData, 'work')
  await makeWork(work)
  const push = tryGit(work, ['push', '-q', withLogin(`${url}/ada/web.git`, ADMIN.name, ADMIN.password), 'main'])
  expect(await eventually(async () => (await ask('overview'))?.transfers.length === 1, 30_000)).toBe(true)
  return { push, work, path: findPath(data, 'ada/web'), goOn: () => writeFileSync(go, '') }
}

interface SlowPush {
  push: ReturnType<typeof tryGit>
  work: string
  path: string
  goOn: () => void
}

describe('a push that takes long', () => {
  it('is shown, keeps the machine awake, and can be ended', async () => {
    const desktop = await running()
    const { page, standIn, ask } = desktop
    const { push } = await slowPush(desktop)
    expect(standIn.outside.blockers.size).toBe(1)
    await page.getByRole('tab', { name: 'Activity' }).click()
    await page.getByText(/^ada from 127\.0\.0\.1, .* received$/).waitFor()
    expect(await pageFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'End it' }).click()
    expect((await push).code).not.toBe(0)
    await page.getByText('Nobody clones or pushes right now.').waitFor()
    expect(await eventually(async () => (await ask('overview'))?.transfers.length === 0)).toBe(true)
    expect(standIn.outside.blockers.size).toBe(0)
  })

  it('is asked about when one quits, and waited for', async () => {
    const desktop = await running()
    const { push, work, path, goOn } = await slowPush(desktop)
    const { answers, dialogs } = desktop.standIn.outside
    answers.push({ response: 0 })
    const quit = desktop.quit()
    expect(await eventually(() => dialogs.length === 1)).toBe(true)
    await sleep(1000)
    goOn()
    await quit
    expect(dialogs).toMatchObject([{ given: { message: 'A transfer is under way' } }])
    expect(await push).toMatchObject({ code: 0 })
    const tip = await tryGit(path, ['rev-parse', 'refs/heads/main'])
    expect(tip.stdout).toBe((await tryGit(work, ['rev-parse', 'HEAD'])).stdout)
  })

  it('goes on where one stays, and has ten seconds to end where one quits at once', async () => {
    const desktop = await running()
    const { push, goOn } = await slowPush(desktop)
    const { answers, dialogs } = desktop.standIn.outside
    answers.push({ response: 2 }, { response: 1 })
    desktop.standIn.app.quit()
    expect(await eventually(() => dialogs.length === 1)).toBe(true)
    expect((await desktop.state()).server.state).toBe('running')
    const quit = desktop.quit()
    expect(await eventually(() => dialogs.length === 2)).toBe(true)
    await sleep(1000)
    goOn()
    await quit
    expect(await push).toMatchObject({ code: 0 })
  })
})

describe('when the machine goes down or the person signs out', () => {
  it.each([
    [
      'Linux and macOS',
      ({ standIn }: Desktop): boolean => {
        let waits = false
        standIn.power.emit('shutdown', { preventDefault: () => (waits = true) })
        return waits
      },
    ],
    ['Windows', ({ window }: Desktop): boolean => window.emit('session-end', { reasons: ['shutdown'] })],
  ])('on %s, nobody is asked and a push has its ten seconds', async (_system, end) => {
    const desktop = await running()
    const { push, work, path, goOn } = await slowPush(desktop)
    const all = treeOf([desktop.pid])
    expect(end(desktop)).toBe(true)
    await sleep(1000)
    goOn()
    await desktop.standIn.ended
    expect(desktop.standIn.outside.dialogs).toEqual([])
    expect(await push).toMatchObject({ code: 0 })
    expect((await tryGit(path, ['rev-parse', 'refs/heads/main'])).stdout).toBe(
      (await tryGit(work, ['rev-parse', 'HEAD'])).stdout,
    )
    expect(await eventually(() => !all.some(isRunning))).toBe(true)
  })
})

describe('quitting', () => {
  it('by force, of the shell alone, leaves no orphan', { timeout: 120_000 }, async () => {
    const userData = tempDir('gitstead-desktop-')
    const shell = spawn(process.execPath, [join(import.meta.dirname, 'alone.ts'), userData], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const pid = await told(shell)
      const all = treeOf([pid])
      expect(all.length).toBeGreaterThan(1)
      shell.kill('SIGKILL')
      expect(await eventually(() => !all.some(isRunning), 20_000)).toBe(true)
    } finally {
      shell.kill('SIGKILL')
      remove(userData)
    }
  })
})

function told(shell: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    shell.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const pid = /^server (\d+)$/m.exec(text)?.[1]
      if (pid !== undefined) resolve(Number(pid))
    })
    shell.once('exit', () => reject(new Error(`it ended: ${text}`)))
  })
}
