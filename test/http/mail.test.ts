// Mail: what is sent to whom, what a mail server may do wrong, and that neither secrets nor headers leak.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, client, teammate } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { eventually } from '../helpers/invariant.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { type Mail, openSmtp, plainOf, type Smtp } from '../helpers/smtp.ts'
import { rows } from '../helpers/world.ts'

const OWN = '/api/gitstead/1'
const PASSWORD = 'the password of the mail server'
let site: Site
let smtp: Smtp
let ada: Client
let bob: Client
let work: string

beforeAll(async () => {
  site = await openSite()
  smtp = await openSmtp()
  const made = await makeRepository(site, 'shop')
  ada = made.ada
  work = made.work
  bob = await teammate(site.server, ada, { name: 'bob', grants: [{ repository: 'ada/shop', permission: 'write' }] })
})
afterAll(async () => {
  await smtp.close()
  await closeSite(site)
})
beforeEach(() => {
  smtp.mails.length = 0
  smtp.answer = () => undefined
})

const settings = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  enabled: true,
  host: '127.0.0.1',
  port: smtp.port,
  security: 'plain',
  username: 'git',
  from: 'git@example.com',
  base: 'https://git.example.com',
  ...change,
})

async function arrived(count = 1): Promise<Mail[]> {
  expect(await eventually(() => smtp.mails.length >= count, 20_000)).toBe(true)
  return smtp.mails
}

const mailJobs = async (state: 'waiting' | 'parked' | 'recent'): Promise<Record<string, unknown>[]> =>
  (await ada.get(`${OWN}/admin/jobs`)).body[state].filter(({ kind }: { kind: string }) => kind === 'mail')

const test = async (): Promise<{ sent: boolean; detail: string }> =>
  (await ada.post(`${OWN}/admin/mail/test`, { to: 'ada@example.com' })).body

describe('settings', () => {
  it('are off at first, and nobody can name an address', async () => {
    expect((await ada.get(`${OWN}/admin/mail`)).body).toMatchObject({ enabled: false, password_set: false })
    expect((await bob.get(`${OWN}/mail-address`)).body).toEqual({ server_sends: false, address: null, pending: null })
    expect((await bob.put(`${OWN}/mail-address`, { address: 'bob@example.com' })).status).toBe(409)
    expect((await bob.get(`${OWN}/admin/mail`)).status).toBe(403)
  })

  it('keep the password sealed, and never give it', async () => {
    const { status, text } = await ada.put(`${OWN}/admin/mail`, settings({ password: PASSWORD }))
    expect(status, text).toBe(200)
    expect((await ada.get(`${OWN}/admin/mail`)).body).toMatchObject({ enabled: true, password_set: true })
    expect(text).not.toContain(PASSWORD)
    expect(JSON.stringify(rows(site.server, 'select * from mail_settings'))).not.toContain(PASSWORD)
    expect((await ada.put(`${OWN}/admin/mail`, settings())).body.password_set).toBe(true)
  })

  it.each([
    ['another host would get the stored password', { host: 'localhost' }, 'password'],
    ['a password without TLS over the network', { host: 'mail.example.com', password: 'x' }, 'security'],
    ['a header in the sender', { from: 'git@example.com\r\nBcc: eve@evil.test' }, 'from'],
    ['a list as sender', { from: 'a@example.com, b@example.com' }, 'from'],
    ['no host', { host: '', password: 'x' }, 'host'],
  ])('refuse %s', async (_why, change, field) => {
    const { status, body } = await ada.put(`${OWN}/admin/mail`, settings(change))
    expect([status, Object.keys(body.error.fields)]).toEqual([400, [field]])
  })

  it('are tried by a button, which tells what the mail server said', async () => {
    expect(await test()).toMatchObject({ sent: true })
    expect(smtp.mails[0]).toMatchObject({ from: 'git@example.com', to: ['ada@example.com'] })
    smtp.answer = (command) => (command.startsWith('AUTH') ? `535 no such ${PASSWORD}` : undefined)
    const refused = await test()
    expect(refused).toMatchObject({ sent: false, detail: expect.stringContaining('535') })
    expect(refused.detail).not.toContain(PASSWORD)
    const { port } = smtp
    await smtp.close()
    expect(await test()).toMatchObject({ sent: false, detail: expect.stringContaining('ECONNREFUSED') })
    smtp = await openSmtp(port)
  })
})

describe('an address', () => {
  it('counts once the link that was sent there was followed', async () => {
    expect((await bob.put(`${OWN}/mail-address`, { address: 'bob@example.com' })).status).toBe(200)
    const [mail] = await arrived()
    expect(mail?.to).toEqual(['bob@example.com'])
    expect((await bob.get(`${OWN}/mail-address`)).body).toMatchObject({ address: null, pending: 'bob@example.com' })
    expect((await bob.put(`${OWN}/mail-address`, { address: 'victim@example.com' })).status).toBe(409)
    const token = /https:\/\/git\.example\.com\/confirm#token=(\S+)/.exec(plainOf(mail as Mail))?.[1] ?? ''
    expect(JSON.stringify(rows(site.server, 'select * from jobs, mail_addresses'))).not.toContain(token)
    const guest = client(site.server)
    const at = `${OWN}/mail-confirmations/${token}`
    expect((await guest.get(at)).body).toEqual({ username: 'bob', display_name: 'bob', address: 'bob@example.com' })
    expect((await bob.get(`${OWN}/mail-address`)).body).toMatchObject({ address: null })
    expect((await guest.call('POST', at, undefined, { Origin: site.server.url })).status).toBe(204)
    expect((await bob.get(`${OWN}/mail-address`)).body).toMatchObject({ address: 'bob@example.com', pending: null })
    expect((await guest.get(at)).status).toBe(410)
  })

  it('that is forgotten and named again fills nobody’s inbox', async () => {
    const eve = await teammate(site.server, ada, { name: 'eve' })
    const at = `${OWN}/mail-address`
    expect((await eve.put(at, { address: 'victim@example.com' })).status).toBe(200)
    const [mail] = await arrived()
    expect((await eve.delete(at)).status).toBe(204)
    expect((await eve.get(at)).body).toMatchObject({ address: null, pending: null })
    const token = /confirm#token=(\S+)/.exec(plainOf(mail as Mail))?.[1] ?? ''
    expect((await client(site.server).get(`${OWN}/mail-confirmations/${token}`)).status).toBe(410)
    expect((await eve.put(at, { address: 'victim@example.com' })).status).toBe(409)
    expect(smtp.mails).toHaveLength(1)
  })
})

describe('letters', () => {
  it('invite so many people an hour and no more, but for admins of the server', async () => {
    const fay = await teammate(site.server, ada, { name: 'fay' })
    const invite = async (by: Client, workspace: string): Promise<number> =>
      (await by.post(`${OWN}/invitations`, { workspace, role: 'collaborator', email: 'victim@example.com' })).status
    const statuses: number[] = []
    for (let n = 0; n < 22; n++) statuses.push(await invite(fay, 'fay'))
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 201), 409, 409])
    expect((await fay.post(`${OWN}/invitations`, { workspace: 'fay', role: 'collaborator' })).status).toBe(201)
    expect(await invite(ada, 'ada')).toBe(201)
    await arrived(21)
  })

  it('tell of mentions, with everything in them as text', async () => {
    await git(work, ['commit', '-q', '--allow-empty', '-m', '<b>Fix</b> & co, @bob'])
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    const [mail] = await arrived()
    expect(mail?.text).toMatch(/^Subject: =\?UTF-8\?Q\?=5Bada\/shop=5D_ada_mentioned_you_in_/m)
    expect(mail?.text).toMatch(/^Auto-Submitted: auto-generated/m)
    expect(plainOf(mail as Mail)).toMatch(/https:\/\/git\.example\.com\/ada\/shop\/commit\/[0-9a-f]{40}/)
    expect(mail?.text).not.toContain('<b>Fix</b> &amp;')
    expect(mail?.text.replace(/=\r\n/g, '')).toContain('&lt;b&gt;Fix&lt;/b&gt; &amp; co')
  })

  it('are not sent for what is chosen for the page, or was read meanwhile', async () => {
    await bob.put(`${OWN}/notice-settings`, { mention: 'page' })
    await git(work, ['commit', '-q', '--allow-empty', '-m', 'Only here, @bob'])
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main'])
    const unread = async (): Promise<number> => (await bob.get(`${OWN}/notices/count`)).body.unread
    expect(await eventually(async () => (await unread()) >= 2)).toBe(true)
    expect(smtp.mails).toEqual([])
    await bob.put(`${OWN}/notice-settings`, { mention: 'mail' })
  })

  it('carry invitations and reset links, which can still be copied', async () => {
    const invited = await ada.post(`${OWN}/invitations`, {
      workspace: 'ada',
      role: 'collaborator',
      email: 'new@example.com',
    })
    expect(invited.body.url).toContain('/invite#token=')
    const [invitation] = await arrived()
    expect(invitation?.to).toEqual(['new@example.com'])
    const token = new URL(invited.body.url).hash
    expect(plainOf(invitation as Mail)).toContain(`https://git.example.com/invite${token}`)
    const link = await ada.post(`${OWN}/people/bob/reset-link`)
    expect(link.body.mailed).toBe(true)
    const [, reset] = await arrived(2)
    expect(reset?.to).toEqual(['bob@example.com'])
    expect((await ada.post(`${OWN}/people/ada/reset-link`)).body.mailed).toBe(false)
    expect(JSON.stringify(rows(site.server, 'select data from jobs'))).not.toContain(token.slice('#token='.length))
    const hostile = { workspace: 'ada', role: 'collaborator', email: 'a@example.com\r\nBcc: b@example.com' }
    expect((await ada.post(`${OWN}/invitations`, hostile)).status).toBe(400)
  })
})

const invite = (email: string): Promise<unknown> =>
  ada.post(`${OWN}/invitations`, { workspace: 'ada', role: 'collaborator', email })

describe('a mail server that', () => {
  it('refuses for now is asked again', async () => {
    let refused = 0
    smtp.answer = (command) => (command.startsWith('RCPT') && refused++ === 0 ? '451 later' : undefined)
    await invite('later@example.com')
    const [mail] = await arrived()
    expect(mail?.to).toEqual(['later@example.com'])
    expect(refused).toBeGreaterThan(1)
  })

  it('refuses for good is not asked again, and the job says why', async () => {
    smtp.answer = (command) => (command.startsWith('RCPT') ? '550 no such person' : undefined)
    await invite('nobody@example.com')
    expect(
      await eventually(
        async () =>
          (await mailJobs('recent')).some(({ state, error }) => state === 'failed' && String(error).includes('550')),
        20_000,
      ),
    ).toBe(true)
  })

  it('is down is tried later, with nothing lost', async () => {
    const { port } = smtp
    await smtp.close()
    await invite('patient@example.com')
    expect(
      await eventually(
        async () => (await mailJobs('waiting')).some(({ error }) => String(error).includes('ECONNREFUSED')),
        20_000,
      ),
    ).toBe(true)
    smtp = await openSmtp(port)
    expect((await arrived())[0]?.to).toEqual(['patient@example.com'])
  })

  it('says nothing holds nobody up', async () => {
    smtp.answer = (command) => (command === 'HELLO' ? null : undefined)
    await invite('slow@example.com')
    await git(work, ['push', '-q', remoteOf(site, 'shop'), 'main:refs/heads/meanwhile'])
    expect((await bob.get('/2.0/user')).status).toBe(200)
    expect(
      await eventually(async () => (await mailJobs('waiting')).some(({ attempts }) => Number(attempts) > 0), 40_000),
    ).toBe(true)
    smtp.answer = () => undefined
    expect((await arrived())[0]?.to).toEqual(['slow@example.com'])
  })
})
