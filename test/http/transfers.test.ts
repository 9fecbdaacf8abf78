// Transfers that are under way: seen by an admin in whatever process they run, and ended by one.
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { basic, type Client, signIn } from '../helpers/client.ts'
import { git, tryGit } from '../helpers/git.ts'
import { broken, eventually, gitAtWork } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const AT = '/api/gitstead/1/admin/transfers'

interface Entry {
  id: string
  service: string
  repository: string
  account: string
  address: string
  bytes: number
}

describe.each(['1', '2'])('with %s processes', (workers) => {
  let site: Site
  let ada: Client
  let name: string
  let work: string
  let made = 0
  beforeAll(async () => {
    site = await openSite({ env: { GITSTEAD_WORKERS: workers } })
    ada = await signIn(site.server)
  })
  afterAll(() => closeSite(site))
  beforeEach(async () => {
    name = `web${++made}`
    ;({ work } = await makeRepository(site, name))
    await git(work, ['push', '-q', remoteOf(site, name), 'main'])
  })

  const list = async (): Promise<Entry[]> => (await ada.get(AT)).body.values

  it('none is listed while nobody transfers, and an unknown one cannot be ended', async () => {
    expect(await eventually(async () => (await list()).length === 0)).toBe(true)
    const { status, body } = await ada.delete(`${AT}/none.1`)
    expect([status, body.error.message]).toEqual([404, expect.any(String)])
  })

  it('a push is listed, and ended in words that git understands; nothing is torn', async () => {
    hook(site.data, 'pre-receive', 'sleep 30')
    await git(work, ['commit', '-q', '--allow-empty', '-m', 'more'])
    const push = tryGit(work, ['push', '-q', remoteOf(site, name), 'main'])
    expect(await eventually(async () => (await list()).length === 1)).toBe(true)
    const [entry] = await list()
    expect(entry).toMatchObject({
      service: 'git-receive-pack',
      repository: `ada/${name}`,
      account: 'ada',
      address: '127.0.0.1',
    })
    expect(entry?.bytes).toBeGreaterThan(100)
    expect((await ada.delete(`${AT}/${entry?.id}`)).status).toBe(204)
    const { code, stderr } = await push
    expect(code).not.toBe(0)
    expect(stderr).toContain('An admin of this server ended the transfer.')
    expect(await eventually(async () => (await list()).length === 0)).toBe(true)
    expect(await eventually(() => gitAtWork(site.data).length === 0, 15_000)).toBe(true)
    const { body } = await ada.get('/api/gitstead/1/admin/audit?kind=repo:transfer-cancelled')
    expect(JSON.stringify(body.values)).toMatch(/ended a push of ada/)
    rmSync(join(site.data, 'git', 'hooks', 'pre-receive'))
    expect(await broken(site.server)).toEqual([])
  })

  it('a clone that is taken slowly is listed with what was sent so far, and ended', async () => {
    writeFileSync(join(work, 'large.bin'), randomBytes(24 * 1024 * 1024))
    await git(work, ['add', '.'])
    await git(work, ['commit', '-q', '-m', 'large'])
    await git(work, ['push', '-q', remoteOf(site, name), 'main'])
    const oid = await git(work, ['rev-parse', 'HEAD'])
    const socket = await slowClone(site, name, oid)
    try {
      expect(await eventually(async () => (await list()).some(({ service }) => service === 'git-upload-pack'))).toBe(
        true,
      )
      expect(await eventually(async () => ((await list())[0]?.bytes ?? 0) > 10_000)).toBe(true)
      const [entry] = await list()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      expect((await ada.delete(`${AT}/${entry?.id}`)).status).toBe(204)
      socket.resume()
      await closed
      expect(await eventually(async () => (await list()).length === 0)).toBe(true)
    } finally {
      socket.destroy()
    }
  })
})

const pkt = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line

/** Asks for all of it, and reads nothing of the answer. */
function slowClone({ server }: Site, name: string, oid: string): Promise<Socket> {
  const body = `${pkt(`want ${oid} ofs-delta side-band-64k\n`)}0000${pkt('done\n')}`
  const { Authorization = '' } = basic(ADMIN.name, ADMIN.password)
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.pause()
      socket.write(
        [
          `POST /ada/${name}.git/git-upload-pack HTTP/1.1`,
          'Host: localhost',
          `Authorization: ${Authorization}`,
          'Content-Type: application/x-git-upload-pack-request',
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      )
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
