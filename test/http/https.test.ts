// HTTPS on the port of plain HTTP: an authority of our own, files of an admin, renewal, and who is led where.
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issue } from '../../server/certificates/make.ts'
import { type Client, client } from '../helpers/client.ts'
import { commitFile, git } from '../helpers/git.ts'
import { broken, eventually } from '../helpers/invariant.ts'
import { raw, wire } from '../helpers/raw.ts'
import {
  ADMIN_HTTPS,
  adminFiles,
  adminView,
  secureFetch,
  secureGit,
  secureRemote,
  shake,
  shown,
  switchOn,
  trustFile,
} from '../helpers/secure.ts'
import { openReceiver } from '../helpers/receiver.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { rows } from '../helpers/world.ts'

let site: Site
let ada: Client
let work: string
let ca: string

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  work = (await makeRepository(site, 'web')).work
})
afterAll(() => closeSite(site))

const isRefused = (): Promise<boolean> =>
  shake(site.server).then(
    (socket) => {
      socket.destroy()
      return false
    },
    () => true,
  )
const pem = (name: string): string => join(site.data, 'tls', `${name}.pem`)

describe('off', () => {
  it('ends a handshake at once, with an answer in plain HTTP', async () => {
    await expect(shake(site.server)).rejects.toThrow()
    const refused = await secureGit(work, '/dev/null', ['ls-remote', secureRemote(site, 'web')])
    expect(refused.code).not.toBe(0)
    expect((await client(site.server).get('/api/gitstead/1/https')).body).toMatchObject({
      mode: 'off',
      authority: null,
    })
    expect((await client(site.server).get('/api/gitstead/1/https/ca.crt')).status).toBe(404)
  })
})

describe('with an authority of our own', () => {
  beforeAll(async () => {
    ;({ ada, ca } = await switchOn(site))
  })

  it('serves git that trusts it: clone, push and credentials', async () => {
    expect((await secureGit(work, ca, ['push', '-q', secureRemote(site, 'web'), 'main'])).stderr).toBe('')
    const cloned = await secureGit(site.dir, ca, ['clone', '-q', secureRemote(site, 'web'), 'cloned'])
    expect(cloned.stderr).toBe('')
    await commitFile(join(site.dir, 'cloned'), 'big.bin', 'x'.repeat(3_000_000))
    expect((await secureGit(join(site.dir, 'cloned'), ca, ['push', '-q', 'origin', 'HEAD:main'])).stderr).toBe('')
    const wrong = secureRemote(site, 'web').replace(encodeURIComponent(ADMIN.password), 'wrong')
    expect((await secureGit(work, ca, ['ls-remote', wrong])).code).not.toBe(0)
    expect(await broken(site.server)).toEqual([])
  })

  it('is refused by git that does not', async () => {
    const { code, stderr } = await secureGit(work, '/etc/ssl/certs/ca-certificates.crt', [
      'ls-remote',
      secureRemote(site, 'web'),
    ])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/certificate/i)
  })

  it('makes certificates that OpenSSL finds strictly right, for names of this machine and no others', async () => {
    const leaf = join(site.dir, 'leaf.crt')
    const certificate = await shown(site.server)
    writeFileSync(leaf, certificate.toString())
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', '127.0.0.1', '-CAfile', ca, leaf]
    expect(spawnSync('openssl', args, { encoding: 'utf8' }).stdout).toContain('OK')
    for (const name of ['localhost', hostname(), `${hostname()}.local`])
      expect(certificate.checkHost(name)).toBeDefined()
    for (const ip of ['127.0.0.1', '::1']) expect(certificate.checkIP(ip)).toBeDefined()
    expect(certificate.checkHost('example.com')).toBeUndefined()
    const authority = new X509Certificate(readFileSync(ca))
    const years = (Date.parse(authority.validTo) - Date.now()) / (365 * 86_400_000)
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000
    expect([Math.round(years), Math.round(days)]).toEqual([10, 90])
    expect(authority.ca).toBe(true)
  })

  it('keeps its keys from everybody else, and gives away none', async () => {
    for (const name of readdirSync(join(site.data, 'tls'))) {
      expect(statSync(join(site.data, 'tls', name)).mode & 0o777, name).toBe(0o600)
    }
    for (const answer of [
      await client(site.server).get('/api/gitstead/1/https/ca.crt'),
      await client(site.server).get('/api/gitstead/1/https'),
      await ada.get(ADMIN_HTTPS),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain('PRIVATE KEY')
    }
    expect(JSON.stringify(rows(site.server, 'select * from events'))).not.toContain('PRIVATE KEY')
  })

  it('speaks TLS 1.2 and 1.3 and HTTP/1.1, and nothing else', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shake(site.server, { minVersion: version, maxVersion: version })
      expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, 'http/1.1'])
      socket.destroy()
    }
    await expect(shake(site.server, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow()
    await expect(shake(site.server, { ALPNProtocols: ['h2'] })).rejects.toThrow()
    const old = await shake(site.server, { maxVersion: 'TLSv1.2' })
    const again = await new Promise<Error | null>((resolve) => {
      old.on('error', resolve)
      old.renegotiate({}, resolve)
    })
    expect(again).toBeInstanceOf(Error)
    old.destroy()
    const without = await shake(site.server, { ALPNProtocols: [] })
    expect(without.alpnProtocol).toBe(false)
    without.destroy()
  })

  it('goes on with a session at whichever process comes next', async () => {
    const first = await shake(site.server, { maxVersion: 'TLSv1.2' })
    const session = first.getSession()
    first.destroy()
    for (let i = 0; i < 6; i++) {
      const next = await shake(site.server, { maxVersion: 'TLSv1.2', ...(session ? { session } : {}) })
      expect(next.isSessionReused()).toBe(true)
      next.destroy()
    }
  })

  it('names https in links and clone addresses for those who come by it, and http for the others', async () => {
    const repository = '/2.0/repositories/ada/web'
    const login = { Authorization: `Basic ${Buffer.from(`${ADMIN.name}:${ADMIN.password}`).toString('base64')}` }
    const secure = JSON.parse((await secureFetch(site.server, ca, repository, { headers: login })).text)
    expect(secure.links.clone).toEqual([{ name: 'https', href: `https://127.0.0.1:${site.server.port}/ada/web.git` }])
    expect(JSON.stringify(secure)).not.toContain('http://')
    const plain = (await client(site.server, login).get(repository)).body
    expect(plain.links.clone[0]).toEqual({ name: 'http', href: `${site.server.url}/ada/web.git` })
    const hook = { url: 'https://example.com/', events: ['repo:push'] }
    const headers = { ...login, 'Content-Type': 'application/json' }
    await secureFetch(site.server, ca, `${repository}/hooks`, { method: 'POST', headers, body: JSON.stringify(hook) })
    expect(rows(site.server, 'select base from webhooks')).toEqual([{ base: `https://127.0.0.1:${site.server.port}` }])
  })

  it('gives the session a cookie that plain HTTP neither sees nor sets, and takes changes from its own scheme only', async () => {
    const path = '/api/gitstead/1/session'
    const body = JSON.stringify({ username: ADMIN.name, password: ADMIN.password })
    const origin = `https://127.0.0.1:${site.server.port}`
    const post = { method: 'POST', body, headers: { 'Content-Type': 'application/json', Origin: origin } }
    const answer = await secureFetch(site.server, ca, path, post)
    expect(answer.status).toBe(201)
    const [cookie = ''] = answer.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^__Host-gitstead_session=\S+; Path=\/; HttpOnly; SameSite=Lax; Secure; /)
    const Cookie = cookie.split(';')[0] ?? ''
    const me = await secureFetch(site.server, ca, path, { headers: { Cookie } })
    expect(JSON.parse(me.text).user.username).toBe(ADMIN.name)
    // Whatever somebody between has set over plain HTTP is no session here, and the other way round.
    const renamed = Cookie.replace('__Host-', '')
    expect(JSON.parse((await secureFetch(site.server, ca, path, { headers: { Cookie: renamed } })).text).user).toBe(
      null,
    )
    expect((await client(site.server, { Cookie }).get(path)).body.user).toBe(null)
    for (const foreign of [site.server.url, 'null', 'https://127.0.0.1']) {
      const headers = { ...post.headers, Origin: foreign }
      expect((await secureFetch(site.server, ca, path, { ...post, headers })).status, foreign).toBe(403)
    }
  })

  it('serves plain HTTP on the same port, whole and in pieces', async () => {
    await git(work, ['ls-remote', remoteOf(site, 'web')])
    const pieces = await wire(site.server, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect(pieces).toMatch(/^HTTP\/1.1 200/)
    expect((await raw(site.server, { path: '/' })).status).toBe(200)
  })

  it('is given a new certificate when a host name is allowed, and loses the name with it', async () => {
    await ada.put('/api/gitstead/1/settings', {
      allowed_hosts: ['git.example.com', 'bücher.example', '10.1.2.3', 'x:1'],
    })
    const holds = async (name: string): Promise<boolean> => (await shown(site.server)).checkHost(name) !== undefined
    const all = ['git.example.com', 'xn--bcher-kva.example']
    const holdsAll = async (): Promise<boolean> => (await Promise.all(all.map(holds))).every(Boolean)
    expect(await eventually(holdsAll, 20_000), (await shown(site.server)).subjectAltName).toBe(true)
    expect((await shown(site.server)).checkIP('10.1.2.3')).toBeDefined()
    await ada.put('/api/gitstead/1/settings', { allowed_hosts: [] })
    expect(await eventually(async () => !(await holds('git.example.com')), 20_000)).toBe(true)
    expect((await secureFetch(site.server, ca, '/')).status).toBe(200)
  })

  it('renews by itself what expires within a month', async () => {
    const authority = readFileSync(pem('authority'), 'utf8')
    const { names } = (await adminView(ada)).certificate ?? { names: [] }
    writeFileSync(pem('own'), issue(authority, names, Date.now() - 61 * 86_400_000))
    const { fingerprint256 } = await shown(site.server)
    const isFresh = async (): Promise<boolean> => {
      const next = await shown(site.server)
      return next.fingerprint256 !== fingerprint256 && Date.parse(next.validTo) - Date.now() > 89 * 86_400_000
    }
    expect(await eventually(isFresh, 30_000)).toBe(true)
    expect((await secureFetch(site.server, ca, '/')).status).toBe(200)
  })

  it('tells webhooks https addresses once plain HTTP leads there, also those that were made before', async () => {
    const receiver = await openReceiver()
    try {
      await ada.put('/api/gitstead/1/settings', { allowed_hooks: ['127.0.0.1'] })
      const hook = { url: receiver.url, events: ['repo:push'], description: 'x', active: true }
      expect((await ada.post('/2.0/repositories/ada/web/hooks', hook)).status).toBe(201)
      expect((await ada.put(ADMIN_HTTPS, { redirect: true })).body.redirect).toBe(true)
      await git(work, ['push', '-q', '-f', remoteOf(site, 'web'), 'main:told'])
      expect(await eventually(() => receiver.arrived.length === 1, 30_000)).toBe(true)
      expect(receiver.arrived[0]?.body.repository.links.html.href).toBe(`https://127.0.0.1:${site.server.port}/ada/web`)
    } finally {
      await ada.put(ADMIN_HTTPS, { redirect: false })
      await receiver.close()
    }
  })

  it('is renewed at the word of an admin, and the authority replaced, with an event of each', async () => {
    const before = await shown(site.server)
    expect((await ada.post(`${ADMIN_HTTPS}/renew`)).status).toBe(200)
    const isOther = async (): Promise<boolean> => (await shown(site.server)).fingerprint256 !== before.fingerprint256
    expect(await eventually(isOther, 20_000)).toBe(true)
    expect((await secureFetch(site.server, ca, '/')).status).toBe(200)
    expect((await ada.post(`${ADMIN_HTTPS}/authority`)).status).toBe(200)
    const trusted = (file: string): Promise<boolean> =>
      secureFetch(site.server, file, '/').then(
        () => true,
        () => false,
      )
    expect(await eventually(async () => !(await trusted(ca)), 20_000)).toBe(true)
    ca = await trustFile(site)
    expect(await eventually(() => trusted(ca), 20_000)).toBe(true)
    const kinds = rows(site.server, "select kind from events where kind like 'https:%'").map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['https:changed', 'https:renewed', 'https:authority-replaced']))
  })
})

describe('with the files of an admin', () => {
  it('refuses, in words, files that cannot be used, and leaves in use what is', async () => {
    const files = adminFiles(site.dir)
    const other = adminFiles(site.data)
    const before = await shown(site.server)
    const long = join(site.dir, 'encrypted.key')
    spawnSync('openssl', ['ec', '-in', files.key_file, '-aes128', '-passout', 'pass:secret', '-out', long])
    const gone = join(site.dir, 'gone.crt')
    const cases: [object, RegExp][] = [
      [{ certificate_file: gone }, /no certificate file .*gone\.crt/],
      [{ certificate_file: 'relative.crt' }, /absolute/],
      [{ certificate_file: site.dir }, /no file of a certificate/],
      [{ certificate_file: '/dev/zero' }, /no file of a certificate/],
      [{ certificate_file: files.key_file }, /no certificate in PEM/],
      [{ key_file: files.certificate_file }, /no private key/],
      [{ key_file: other.key_file }, /belongs to another certificate/],
      [{ key_file: long }, /passphrase/],
    ]
    for (const [wrong, words] of cases) {
      const answer = await ada.put(ADMIN_HTTPS, { mode: 'given', ...files, ca: undefined, ...wrong })
      expect(answer.status, String(words)).toBe(400)
      expect(answer.body.error.detail).toMatch(words)
    }
    files.renew(Date.now() - 200 * 86_400_000)
    const expired = await ada.put(ADMIN_HTTPS, { mode: 'given', ...files })
    expect(expired.body.error.detail).toMatch(/expired on \d{4}-\d\d-\d\d/)
    expect((await adminView(ada)).mode).toBe('own')
    expect((await shown(site.server)).fingerprint256).toBe(before.fingerprint256)
  })

  it('takes them, follows them when they change on the disk, and keeps the last good ones when they break', async () => {
    const files = adminFiles(site.dir)
    expect((await ada.put(ADMIN_HTTPS, { mode: 'given', ...files })).status).toBe(200)
    const serves = (): Promise<boolean> =>
      secureFetch(site.server, files.ca, '/').then(
        ({ status }) => status === 200,
        () => false,
      )
    expect(await eventually(serves, 20_000)).toBe(true)
    const before = await shown(site.server)
    files.renew()
    const isOther = async (): Promise<boolean> => (await shown(site.server)).fingerprint256 !== before.fingerprint256
    expect(await eventually(isOther, 30_000)).toBe(true)

    const good = readFileSync(files.certificate_file, 'utf8')
    writeFileSync(files.certificate_file, good.slice(0, 200))
    expect((await adminView(ada)).problem).toMatch(/no certificate/)
    site.server.process.kill('SIGHUP')
    expect(await eventually(serves, 20_000)).toBe(true)
    writeFileSync(files.certificate_file, good)
    expect(await eventually(async () => (await adminView(ada)).problem === null)).toBe(true)
    expect((await client(site.server).get('/api/gitstead/1/https/ca.crt')).status).toBe(404)
  })

  it('can be switched off, and nothing of it is left to connect to', async () => {
    expect((await ada.put(ADMIN_HTTPS, { mode: 'off' })).body).toMatchObject({ mode: 'off', redirect: false })
    expect(await eventually(isRefused, 20_000)).toBe(true)
    expect((await ada.post(`${ADMIN_HTTPS}/renew`)).status).toBe(409)
    expect((await ada.post(`${ADMIN_HTTPS}/authority`)).status).toBe(409)
  })
})
