// The small parts: links, settings, ipc, tray, masks, versions, addresses, files of the package.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { lanAddresses } from './addresses.ts'
import type { DesktopState } from './contract.ts'
import { mask } from './diagnostics.ts'
import { checkSender } from './ipc.ts'
import { linkIn, wishOf } from './links.ts'
import { openKeptLog } from './log.ts'
import { pageOf, serverEnv } from './package.ts'
import { openSettings, Settings } from './settings.ts'
import { trayOf } from './tray.ts'
import { findUpdate, isNewer } from './updates.ts'
import { forWindow } from './words.ts'

const folder = mkdtempSync(join(tmpdir(), 'gitstead-desk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('links', () => {
  it.each([
    ['gitstead://open', { verb: 'open' }],
    ['gitstead://open/', { verb: 'open' }],
    ['gitstead://logs', { verb: 'logs' }],
    ['gitstead://repository/ada/web', { verb: 'repository', path: '/ada/web' }],
    ['gitstead://repository/ada/web.js', { verb: 'repository', path: '/ada/web.js' }],
    ['gitstead://repository/ada/%2e%2e', undefined],
    ['gitstead://repository/ada/web/extra', undefined],
    ['gitstead://repository//web', undefined],
    ['gitstead://open?x=1', undefined],
    ['gitstead://open#x', undefined],
    ['gitstead://open:80', undefined],
    ['gitstead:open', undefined],
    ['other://open', undefined],
    [`gitstead://repository/ada/${'x'.repeat(600)}`, undefined],
  ])('%s', (link, wish) => expect(wishOf(link)).toEqual(wish))

  it('are found among arguments', () => {
    expect(linkIn(['--background', 'gitstead://open'])).toBe('gitstead://open')
    expect(linkIn(['--gitstead://open'])).toBe(undefined)
  })
})

describe('settings', () => {
  const path = join(folder, 'settings.json')
  it('have defaults, keep a change, and are read as they were kept', () => {
    const settings = openSettings(folder)
    expect(settings.get()).toEqual(Settings.parse({}))
    settings.change({ lan: true, port: 8000 })
    expect(openSettings(folder).get()).toMatchObject({ lan: true, port: 8000 })
  })

  it('refuse what makes no sense, and stay as they were', () => {
    const settings = openSettings(folder)
    expect(() => settings.change({ port: 80 })).toThrow()
    expect(settings.get().port).toBe(8000)
    expect(JSON.parse(readFileSync(path, 'utf8')).port).toBe(8000)
  })

  it.each(['', '[]', 'null', '{"port": 1', '\u0000'])('are healed from %j', (text) => {
    writeFileSync(path, text)
    const settings = openSettings(folder)
    expect(settings.get()).toEqual(Settings.parse({}))
    expect(settings.healed).toMatch(/could not be read/)
  })
})

describe('the door of the shell', () => {
  const frame = (url: string, parent: object | null = null): never => ({ senderFrame: { url, parent } }) as never
  it('opens to the control page at the top of its window only', () => {
    expect(() => checkSender(frame('app://gitstead/desktop.html'), 'app://gitstead')).not.toThrow()
    for (const event of [
      frame('app://gitstead/desktop.html', {}),
      frame('app://gitstead.other/desktop.html'),
      frame('http://gitstead/desktop.html'),
      frame('about:blank'),
      { senderFrame: null } as never,
    ])
      expect(() => checkSender(event, 'app://gitstead')).toThrow('may not ask')
  })
})

describe('the tray', () => {
  const base: DesktopState = {
    version: '1.0.0',
    server: {
      state: 'running',
      url: 'http://x:1',
      pid: 1,
      since: 0,
      failures: 0,
      retryAt: null,
      problem: null,
      refused: null,
    },
    attached: null,
    paused: false,
    firstRun: false,
    settings: Settings.parse({}),
    dataFolder: '/data',
    lan: [],
    port: null,
    move: null,
    update: null,
    link: null,
    notes: [],
    surface: 'control',
    section: null,
  }
  const server = (state: DesktopState['server']['state']): DesktopState => ({
    ...base,
    server: { ...base.server, state, url: state === 'running' ? 'http://x:1' : null },
  })
  it.each<[string, DesktopState, string, RegExp]>([
    ['running', base, 'running', /Running at http:\/\/x:1/],
    ['starting', server('starting'), 'busy', /Starting/],
    ['backing off', server('backing-off'), 'busy', /starting again/],
    ['failed', server('failed'), 'failed', /Does not run/],
    ['stopped', server('stopped'), 'stopped', /Stopped/],
    ['paused', { ...server('stopped'), paused: true }, 'stopped', /paused/],
    [
      'attached',
      { ...server('stopped'), attached: { url: 'http://y:2', pid: 3 } },
      'running',
      /service at http:\/\/y:2/,
    ],
    ['first run', { ...server('stopped'), firstRun: true }, 'stopped', /Not set up/],
  ])('%s', (_name, state, picture, words) => {
    const model = trayOf(state, [])
    expect(model.picture).toBe(picture)
    expect(model.words).toMatch(words)
    expect(model.menu[0]?.label).toBe(model.words)
  })

  it('offers only what can be done', () => {
    const enabled = (state: DesktopState): string[] =>
      trayOf(state, ['ada/web'])
        .menu.filter((item) => item.enabled)
        .map(({ label }) => label)
    expect(enabled(base)).toContain('Pause sharing')
    expect(enabled({ ...server('stopped'), paused: true })).toContain('Resume sharing')
    expect(enabled({ ...base, attached: { url: 'http://y:2', pid: 3 } })).not.toContain('Restart server')
    expect(enabled(server('failed'))).not.toContain('Copy clone URL')
    expect(enabled(server('failed'))).toContain('Quit Gitstead')
  })
})

describe('diagnostics', () => {
  it.each([
    ['git clone http://ada:secret@host/a.git', 'secret'],
    ['Authorization: Bearer abcdefghij', 'abcdefghij'],
    ['{"password":"very secret"}', 'very secret'],
    ['see http://host/reset#token=abc123def', 'abc123def'],
    ['cookie: session=abcdef', 'abcdef'],
    ['"ticket": "t-1234567"', 't-1234567'],
  ])('mask the secret in %j', (text, secret) => {
    expect(mask(text)).not.toContain(secret)
    expect(mask(text)).toContain('[masked]')
  })
  it('leave the rest as it is', () => {
    expect(mask('{"repository":"ada/web","ms":12}')).toBe('{"repository":"ada/web","ms":12}')
  })
})

describe('versions', () => {
  it.each([
    ['1.2.3', '1.2.2', true],
    ['1.10.0', '1.9.9', true],
    ['2.0.0', '10.0.0', false],
    ['1.0.0', '1.0.0', false],
  ])('%s after %s: %s', (a, b, newer) => expect(isNewer(a, b)).toBe(newer))

  const feed =
    (body: unknown, status = 200): typeof fetch =>
    () =>
      Promise.resolve(Response.json(body, { status }))
  it('are found where they are newer, and told where they are not to be had', async () => {
    const found = { version: '1.1.0', url: 'https://example.com/1.1.0', notes: 'Better.' }
    expect(await findUpdate('https://u', '1.0.0', feed(found))).toEqual(found)
    expect(await findUpdate('https://u', '1.1.0', feed(found))).toBe(undefined)
    await expect(findUpdate('https://u', '1.0.0', feed({ ...found, url: 'http://x' }))).rejects.toThrow('no notice')
    await expect(findUpdate('https://u', '1.0.0', feed({}, 404))).rejects.toThrow('status 404')
    await expect(findUpdate('https://u', '1.0.0', () => Promise.reject(new Error('x')))).rejects.toThrow(
      'Nobody answers',
    )
  })
})

describe('addresses', () => {
  const info = (address: string, more: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo =>
    ({ address, family: 'IPv4', internal: false, netmask: '', mac: '', cidr: null, ...more }) as NetworkInterfaceInfo
  const all = {
    lo: [info('127.0.0.1', { internal: true })],
    docker0: [info('172.17.0.1')],
    tun0: [info('10.8.0.2')],
    wlan0: [info('192.168.1.7'), info('fe80::1', { family: 'IPv6' } as never)],
    eth1: [info('169.254.3.4')],
  }
  it('are those of the network, the likely ones first', () => {
    const found = lanAddresses({ port: 7990, scheme: 'http', host: '0.0.0.0' }, all)
    expect(found.map(({ address }) => address)).toEqual(['192.168.1.7', '172.17.0.1', '10.8.0.2'])
    expect(found[0]?.url).toBe('http://192.168.1.7:7990')
  })
  it('are the one that is served where it is one', () => {
    expect(lanAddresses({ port: 1, scheme: 'https', host: '10.0.0.9' }, all)).toEqual([
      { interface: '', address: '10.0.0.9', url: 'https://10.0.0.9:1' },
    ])
  })
})

describe('the package', () => {
  it('gives the files of the control page and no others', () => {
    const at = (path: string): string | undefined => pageOf('/out/renderer', `app://gitstead${path}`, 'gitstead')?.path
    expect(at('/desktop.html')).toBe('/out/renderer/desktop.html')
    expect(at('/assets/a.js')).toBe('/out/renderer/assets/a.js')
    for (const path of [
      '/',
      '/index.html',
      '/../main/index.js',
      '/assets/%2e%2e/%2e%2e/main/index.js',
      '/assets/a.js%00.css',
      '/assets/%',
      '/assets/a.exe',
    ])
      expect([path, at(path)]).toEqual([path, undefined])
    expect(pageOf('/out/renderer', 'app://other/desktop.html', 'gitstead')).toBe(undefined)
  })

  it('gives the server nothing of Electron’s environment', () => {
    const env = { PATH: '/bin', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--inspect', HOME: '/home' }
    expect(serverEnv(env, undefined)).toEqual({ PATH: '/bin', HOME: '/home' })
  })
})

describe('the log', () => {
  it('keeps the last 200 lines, and a file beside', () => {
    const log = openKeptLog(join(folder, 'logs'))
    for (let i = 0; i < 250; i++) log.line(`line ${i}`)
    expect(log.last()).toHaveLength(200)
    expect(log.last()[0]).toBe('line 50')
    expect(readFileSync(join(folder, 'logs', 'gitstead.log'), 'utf8').split('\n')).toHaveLength(251)
  })
})

describe('words for the window', () => {
  it('leave out what is for a terminal, and are never nothing', () => {
    expect(forWindow('Port 7990 is taken by another program. Choose another with --port.')).toBe(
      'Port 7990 is taken by another program.',
    )
    expect(forWindow('Give a name with --host.')).toBe('Give a name with --host.')
    expect(forWindow('It is fine. So -- so it is.')).toBe('It is fine. So -- so it is.')
  })
})
