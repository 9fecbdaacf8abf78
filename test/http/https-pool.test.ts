// HTTPS with several processes: renewed under load, drained, restarted, and not to be worn down by stalled handshakes.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { client, signIn } from '../helpers/client.ts'
import { gitEnv } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { load } from '../helpers/load.ts'
import { attempt, refused } from '../helpers/program.ts'
import { LAN_ADDRESS, openLan } from '../helpers/lan.ts'
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
} from '../helpers/secure.ts'
import { addAdmin, ADMIN, gitstead, MAIN, remove, tempDir, workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, startAgain, type Site } from '../helpers/site.ts'
import { git } from '../helpers/git.ts'

const IDLE_S = 4
const TWO = { GITSTEAD_WORKERS: '2', GITSTEAD_IDLE_SECONDS: String(IDLE_S) }
let site: Site

// One server for all of these. Each switches HTTPS on or off for itself.
describe('while it runs', () => {
  let work: string
  beforeAll(async () => {
    site = await openSite({ env: TWO })
    work = (await makeRepository(site, 'web')).work
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  })
  afterAll(() => closeSite(site))

  it('a new certificate and new processes fail no request', async () => {
    const { ada, ca } = await switchOn(site)
    const at = load(site.server, ['/2.0/user'], { ca: readFileSync(ca) })
    try {
      for (let round = 0; round < 4; round++) {
        const before = (await shown(site.server)).fingerprint256
        expect((await ada.post(`${ADMIN_HTTPS}/renew`)).status).toBe(200)
        expect(await eventually(async () => (await shown(site.server)).fingerprint256 !== before, 20_000)).toBe(true)
      }
      const old = workersOf(site.server.process.pid ?? 0)
      site.server.process.kill('SIGHUP')
      const renewed = (): boolean =>
        workersOf(site.server.process.pid ?? 0).filter((pid) => !old.includes(pid)).length >= 3
      expect(await eventually(renewed, 60_000)).toBe(true)
      await eventually(() => at.requests > 500, 20_000)
    } finally {
      await at.stop()
    }
    console.log(`${at.requests} requests over HTTPS`)
    expect(at.failed).toEqual([])
  })

  it('an open connection outlives the certificate with which it began', async () => {
    const { ada } = await switchOn(site)
    const socket = await shake(site.server)
    const before = socket.getPeerX509Certificate()?.fingerprint256
    await ada.post(`${ADMIN_HTTPS}/renew`)
    await eventually(async () => (await shown(site.server)).fingerprint256 !== before, 20_000)
    socket.write('GET /api/gitstead/1/https HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const chunks: Buffer[] = []
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 200/)
  })

  it('connections that lead nowhere are cut off in time, however busily they drip, while others are served', async () => {
    const { ca } = await switchOn(site)
    const hello = helloOf()
    const open: Socket[] = []
    const begin = (bytes: Buffer): Socket => {
      const socket = connect({ host: '127.0.0.1', port: site.server.port })
      socket.on('error', () => {}).resume()
      socket.write(bytes)
      open.push(socket)
      return socket
    }
    const silent = Array.from({ length: 60 }, () => begin(Buffer.alloc(0)))
    const halves = Array.from({ length: 60 }, () => begin(hello.subarray(0, 20)))
    const whole = Array.from({ length: 60 }, () => begin(hello))
    const dripping = Array.from({ length: 20 }, () => ({ at: 6, socket: begin(hello.subarray(0, 6)) }))
    const drip = setInterval(() => {
      for (const one of dripping) if (one.socket.writable) one.socket.write(hello.subarray(one.at, (one.at += 1)))
    }, 200)
    try {
      expect((await secureFetch(site.server, ca, '/')).status).toBe(200)
      expect((await secureGit(work, ca, ['ls-remote', '-q', secureRemote(site, 'web')])).code).toBe(0)
      const all = [...silent, ...halves, ...whole, ...dripping.map(({ socket }) => socket)]
      expect(await eventually(() => all.every((socket) => socket.destroyed || socket.readableEnded), 30_000)).toBe(true)
    } finally {
      clearInterval(drip)
      open.forEach((socket) => socket.destroy())
    }
    expect((await secureFetch(site.server, ca, '/')).status).toBe(200)
  })

  it('garbage behind a first byte of TLS ends at once, and harms nobody', async () => {
    const { ca } = await switchOn(site)
    for (const bytes of [
      '\u0016',
      '\u0016garbage and more of it',
      '\u0016\u0003\u0001\u00ff\u00ff'.padEnd(70_000, 'x'),
    ]) {
      const socket = connect({ host: '127.0.0.1', port: site.server.port })
        .on('error', () => {})
        .resume()
      socket.end(Buffer.from(bytes, 'latin1'))
      expect(await eventually(() => socket.destroyed, 20_000)).toBe(true)
    }
    expect((await secureFetch(site.server, ca, '/')).status).toBe(200)
    expect(site.server.stderr()).not.toMatch(/died/)
  })

  it('the shell switches HTTPS while the server runs, says how it stands, and prints what to trust', async () => {
    const tls = (...args: string[]): ReturnType<typeof gitstead> => gitstead(['tls', ...args, '--data', site.data])
    tls('off')
    expect(tls().stdout).toBe('HTTPS is off.\n')
    expect(tls('redirect', 'on').stderr).toMatch(/only where HTTPS is on/)
    expect(tls('own').stdout).toMatch(
      /^HTTPS is on, with an authority of this server\.\nThe certificate holds until .* for .*localhost/,
    )
    const ca = join(site.dir, 'printed.crt')
    writeFileSync(ca, tls('ca').stdout)
    const serves = (): Promise<boolean> =>
      secureFetch(site.server, ca, '/').then(
        () => true,
        () => false,
      )
    expect(await eventually(serves, 20_000)).toBe(true)
    expect(tls('redirect', 'on').stdout).toContain('plain HTTP leads to it')
    expect(gitstead(['doctor', '--data', site.data]).stdout).toMatch(
      /ok {3}HTTPS is on, with a certificate until \d{4}/,
    )
    expect(tls('given', '--cert', '/nowhere', '--key', '/nowhere').stderr).toMatch(/no certificate file \/nowhere/)
    expect(tls('nonsense').stderr).toMatch(/^Use: gitstead tls/)
    tls('redirect', 'off')
    expect(tls('off').stdout).toBe('HTTPS is off.\n')
  })

  // The last one, as it ends the server.
  it('SIGTERM lets a request over HTTPS finish, waits for no handshake, and exits 0', async () => {
    const { ca } = await switchOn(site)
    const stalled = connect({ host: '127.0.0.1', port: site.server.port })
      .on('error', () => {})
      .resume()
    stalled.write(helloOf().subarray(0, 30))
    const idle = await shake(site.server)
    idle.on('error', () => {})
    const clone = secureGit(site.dir, ca, ['clone', '-q', secureRemote(site, 'web'), 'last'])
    await sleep(50)
    expect(await site.server.stop()).toBe(0)
    await clone
    expect(await eventually(() => stalled.destroyed && idle.destroyed)).toBe(true)
  })
})

/** A complete ClientHello, as a client sends it first. */
function helloOf(): Buffer {
  const { stdout } = spawnSync(process.execPath, [
    '-e',
    `const net = require('node:net'), tls = require('node:tls')
     const server = net.createServer((socket) => socket.once('data', (hello) => { process.stdout.write(hello); process.exit(0) }))
     server.listen(0, '127.0.0.1', () => tls.connect({ port: server.address().port, host: '127.0.0.1' }).on('error', () => {}))`,
  ])
  return stdout
}

describe('from the options of the start', () => {
  afterEach(() => closeSite(site))

  it('files are used, named on the page, changed nowhere else, and refused in one sentence when they never were good', async () => {
    const dir = tempDir()
    const files = adminFiles(dir)
    const env = { ...TWO, GITSTEAD_TLS_CERT: files.certificate_file, GITSTEAD_TLS_KEY: files.key_file }
    const good = readFileSync(files.certificate_file, 'utf8')
    writeFileSync(files.certificate_file, 'nothing')
    const serve = [MAIN, 'serve', '--data', join(dir, 'data'), '--port', '0']
    refused(
      attempt(serve, { env: { ...env, GITSTEAD_WORKERS: '1' } }),
      /This certificate cannot be used\. The certificate file holds no certificate/,
    )
    refused(attempt([...serve, '--tls-cert', '/x'], {}), /needed together/)
    writeFileSync(files.certificate_file, good)
    site = await openSite({ env })
    expect((await secureFetch(site.server, files.ca, '/')).status).toBe(200)
    const ada = await signIn(site.server)
    expect(await adminView(ada)).toMatchObject({ mode: 'given', is_fixed: true, problem: null })
    expect((await ada.put(ADMIN_HTTPS, { mode: 'off' })).status).toBe(409)
    expect((await ada.put(ADMIN_HTTPS, { redirect: true })).body).toMatchObject({ redirect: true, mode: 'given' })
    await site.server.stop()
    writeFileSync(files.certificate_file, 'nothing')
    await startAgain(site)
    expect((await secureFetch(site.server, files.ca, '/')).status).toBe(200)
    remove(dir)
  })

  it('what a proxy says counts only where it is trusted', async () => {
    site = await openSite()
    const lies = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.test' }
    const me = '/api/gitstead/1/session'
    const signInAs = (): ReturnType<ReturnType<typeof client>['post']> =>
      client(site.server, lies).post(me, { username: ADMIN.name, password: ADMIN.password })
    const told = await signInAs()
    expect(told.body.base_url).toBe(site.server.url)
    expect(told.headers.get('set-cookie')).not.toContain('Secure')
    const addresses = async (): Promise<string[]> =>
      (await (await signIn(site.server)).get('/api/gitstead/1/sessions')).body.values.map(
        ({ address }: { address: string }) => address,
      )
    expect(await addresses()).not.toContain('203.0.113.9')

    await site.server.stop()
    const trusting = { ...TWO, GITSTEAD_TRUSTED_PROXY: '127.0.0.1, 10.0.0.0/8' }
    await startAgain(site, trusting)
    const believed = await signInAs()
    expect(believed.body.base_url).toBe(`https://127.0.0.1:${site.server.port}`)
    expect(believed.headers.get('set-cookie')).toMatch(/^__Host-.*; Secure/)
    expect(await addresses()).toContain('203.0.113.9')
    await site.server.stop()
    refused(
      attempt([MAIN, 'serve', '--data', site.data, '--port', '0', '--trusted-proxy', 'proxy.lan'], {}),
      /trustedProxy: takes addresses and ranges/,
    )
  })
})

describe('plain HTTP from another machine', () => {
  it('is led to HTTPS: readers and git by a redirect, credentials by a refusal, the page of trust not at all', async (context) => {
    const lan = await openLan()
    if (!lan) return context.skip()
    const dir = tempDir()
    const data = join(dir, 'data')
    try {
      addAdmin(data)
      gitstead(['tls', 'own', '--data', data])
      gitstead(['tls', 'redirect', 'on', '--data', data])
      const env = { ...gitEnv(join(dir, 'lan-home')), ...TWO } as Record<string, string>
      const ca = join(dir, 'lan.crt')
      writeFileSync(ca, gitstead(['tls', 'ca', '--data', data]).stdout)
      const script = `"${process.execPath}" "${MAIN}" serve --data "${data}" --host ${LAN_ADDRESS} --port 7990 & server=$!
        unset GIT_SSL_CAINFO
        for i in $(seq 100); do curl -s -o /dev/null http://${LAN_ADDRESS}:7990/ && break; sleep 0.2; done
        base=http://${LAN_ADDRESS}:7990
        say() { echo "$1 $(shift; curl -s -o /dev/null -w '%{http_code} %{redirect_url}' "$@")"; }
        say page $base/ada/web?x=1
        say head -I $base/
        say basic -u ada:x $base/2.0/user
        say post -X POST -H 'Content-Type: application/json' -d '{}' $base/api/gitstead/1/session
        say push -X POST $base/ada/web.git/git-receive-pack
        say trust $base/trust
        say ca $base/api/gitstead/1/https/ca.crt
        say session -H 'Cookie: gitstead_session=x' $base/api/gitstead/1/session
        say absolute --path-as-is "$base//evil.test/"
        say secure --cacert "${ca}" https://${LAN_ADDRESS}:7990/
        echo words "$(curl -s -X POST -d '{}' -H 'Content-Type: application/json' $base/api/gitstead/1/session)"
        git -c http.sslCAInfo="${ca}" ls-remote $base/ada/web.git main 2>&1 | sed 's/^/git /'
        ip addr add 10.99.0.2/32 dev lo
        for i in $(seq 60); do
          openssl s_client -connect ${LAN_ADDRESS}:7990 -CAfile "${ca}" -verify_ip 10.99.0.2 -verify_return_error \\
            < /dev/null > /dev/null 2>&1 && echo address known && break
          sleep 0.5
        done
        kill $server; wait $server`
      const { stdout, stderr } = lan.run('sh', ['-c', script], { ...env, GITSTEAD_LOG: 'error' })
      const said = new Map(
        stdout
          .split('\n')
          .map((line) => /^(\w+) (.*)$/.exec(line))
          .map((match) => [match?.[1] ?? '', (match?.[2] ?? '').trim()]),
      )
      const https = `https://${LAN_ADDRESS}:7990`
      expect(Object.fromEntries(said), stderr).toMatchObject({
        page: `308 ${https}/ada/web?x=1`,
        head: `308 ${https}/`,
        basic: '403',
        post: '403',
        push: '403',
        trust: '200',
        ca: '200',
        session: '200',
        absolute: `308 ${https}//evil.test/`,
        secure: '200',
        // An address that came while the server ran.
        address: 'known',
      })
      expect(said.get('words')).toContain(`over HTTPS only. Use ${https} instead`)
      // Asked for a password, after it was led over.
      expect(said.get('git')).toMatch(/could not read Username for 'https:/)
    } finally {
      lan.close()
      remove(dir)
    }
  })
})
