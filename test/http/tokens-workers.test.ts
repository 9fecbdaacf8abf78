// Tokens where two processes serve: what is revoked, rotated or changed in one is refused by both on the next request.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic, client, type Client } from '../helpers/client.ts'
import { raw } from '../helpers/raw.ts'
import { ADMIN, gitstead } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, type Site } from '../helpers/site.ts'

const OWN = '/api/gitstead/1'
let site: Site
let ada: Client

beforeAll(async () => {
  site = await openSite({ env: { GITSTEAD_WORKERS: '2' } })
  ;({ ada } = await makeRepository(site, 'shop'))
})
afterAll(() => closeSite(site))

interface Seen {
  statuses: number[]
  processes: number
}

let crowds = 0

/** Many callers at once, each from an address of its own, so that none is slowed down; both processes get some. */
async function crowd(headers: Record<string, string>, path = '/2.0/repositories/ada/shop'): Promise<Seen> {
  const network = `127.1.${++crowds}`
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_none, i) => raw(site.server, { path, headers, from: `${network}.${i + 1}` })),
  )
  return {
    statuses: [...new Set(answers.map(({ status }) => status))],
    processes: new Set(answers.map((answer) => answer.headers['x-served-by'])).size,
  }
}

const bearer = (secret: string): Record<string, string> => ({ Authorization: `Bearer ${secret}` })
const everywhere = (status: number): Seen => ({ statuses: [status], processes: 2 })

async function signed(): Promise<{ id: string; secret: string }> {
  return (await ada.post(`${OWN}/tokens`, { label: 'x', scopes: ['repository'] })).body
}

it('time-limited tokens: revoked by one, all at once, and with their key', async () => {
  const one = await signed()
  expect(await crowd(bearer(one.secret))).toEqual(everywhere(200))
  await ada.delete(`${OWN}/tokens/${one.id}`)
  expect(await crowd(bearer(one.secret))).toEqual(everywhere(401))

  const two = await signed()
  expect(await crowd(bearer(two.secret))).toEqual(everywhere(200))
  await ada.delete(`${OWN}/tokens`)
  expect(await crowd(bearer(two.secret))).toEqual(everywhere(401))

  const three = await signed()
  const [{ kid }] = (await ada.get(`${OWN}/token-keys`)).body.values
  gitstead(['token', 'rotate-key', '--data', site.data])
  const four = await signed()
  expect(await crowd(bearer(three.secret))).toEqual(everywhere(200))
  expect(await crowd(bearer(four.secret))).toEqual(everywhere(200))
  await ada.delete(`${OWN}/token-keys/${kid}`)
  expect(await crowd(bearer(three.secret))).toEqual(everywhere(401))
  expect(await crowd(bearer(four.secret))).toEqual(everywhere(200))
})

it('deploy tokens and what an application was allowed', async () => {
  const at = `${OWN}/repositories/ada/shop/deploy-tokens`
  const made = (await ada.post(at, { name: 'ci' })).body
  expect(await crowd(bearer(made.secret))).toEqual(everywhere(200))
  await ada.delete(`${at}/${made.id}`)
  expect(await crowd(bearer(made.secret))).toEqual(everywhere(401))

  const wanted = { name: 'app', callback_url: 'https://app.example/', scopes: ['repository'] }
  const app = (await ada.post(`${OWN}/workspaces/ada/oauth-consumers`, wanted)).body
  const asked = { response_type: 'code', client_id: app.key, allow: true }
  const back = (await ada.post(`${OWN}/oauth/authorization`, asked)).body.redirect as string
  const code = new URL(back).searchParams.get('code') ?? ''
  const form = {
    grant_type: 'authorization_code',
    code,
    client_id: app.key as string,
    client_secret: app.secret as string,
  }
  const got = await fetch(`${site.server.url}/site/oauth2/access_token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  const { access_token: token } = (await got.json()) as { access_token: string }
  expect(await crowd(bearer(token))).toEqual(everywhere(200))
  await ada.delete(`${OWN}/oauth/grants/${app.id}`)
  expect(await crowd(bearer(token))).toEqual(everywhere(401))
})

it('passwords on Basic, switched off by an admin and on again', async () => {
  const password = basic(ADMIN.name, ADMIN.password)
  expect(await crowd(password)).toEqual(everywhere(200))
  await ada.put(`${OWN}/settings`, { basic_passwords: false })
  expect(await crowd(password)).toEqual(everywhere(401))
  expect((await client(site.server, password).get('/2.0/user')).text).toContain('takes no passwords here')
  await ada.put(`${OWN}/settings`, { basic_passwords: true })
  expect(await crowd(password)).toEqual(everywhere(200))
})
