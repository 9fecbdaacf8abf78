// Words that would be a program, in each field that people fill, in names, and in files of each kind, read in a real
// browser: they are shown as words, nothing runs, and no policy of the page had to stop anything.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { follow, openBrowser, settled, signedInPage } from '../helpers/browser.ts'
import { type Answer, type Client, signIn } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { HOSTILE_FILES, hostile, hostileName } from '../helpers/hostile.ts'
import { makeRepository } from '../helpers/repos.ts'
import { closeSite, openSite, remoteOf, type Site } from '../helpers/site.ts'

const G = '/api/gitstead/1'
const R = '/2.0/repositories/{workspace}/{repo_slug}'
const web = '/2.0/repositories/ada/web'
const scopes = ['repository']
const events = ['repo:push']

/** Operation and field to what fills it: all that is shown to somebody later. */
const FIELDS: Record<string, (ada: Client, text: string) => Promise<Answer>> = {
  [`PUT ${G}/profile display_name`]: (ada, text) => ada.put(`${G}/profile`, { display_name: text }),
  [`POST ${G}/app-passwords label`]: (ada, text) => ada.post(`${G}/app-passwords`, { label: text, scopes }),
  [`POST ${G}/tokens label`]: (ada, text) => ada.post(`${G}/tokens`, { label: text, scopes }),
  [`POST ${G}/invitations note`]: (ada, text) =>
    ada.post(`${G}/invitations`, { workspace: 'ada', role: 'collaborator', note: text }),
  [`POST ${G}/workspaces name`]: (ada, text) => ada.post(`${G}/workspaces`, { slug: 'team', name: text }),
  [`POST /2.0/workspaces/{workspace}/projects name`]: (ada, text) =>
    ada.post('/2.0/workspaces/team/projects', { key: 'A', name: text }),
  [`POST /2.0/workspaces/{workspace}/projects description`]: (ada, text) =>
    ada.post('/2.0/workspaces/team/projects', { key: 'B', name: 'B', description: text }),
  [`POST ${G}/groups name`]: (ada, text) => ada.post(`${G}/groups`, { workspace: 'team', name: text }),
  [`POST ${R} description`]: (ada, text) => ada.post('/2.0/repositories/ada/words', { description: text }),
  [`PUT ${R} description`]: (ada, text) => ada.put(web, { description: text }),
  [`POST ${R} name`]: (ada, text) => ada.post('/2.0/repositories/team/named', { name: text }),
  [`PUT ${G}/repositories/{workspace}/{repo_slug}/quarantine reason`]: (ada, text) =>
    ada.put(`${G}/repositories/ada/words/quarantine`, { mode: 'read-only', reason: text }),
  [`POST ${R}/hooks description`]: (ada, text) =>
    ada.post(`${web}/hooks`, { url: 'https://hooks.example.com/', description: text, events }),
  [`POST ${R}/hooks url`]: (ada, text) =>
    ada.post(`${web}/hooks`, { url: `https://hooks.example.com/${text}`, events }),
  [`POST /2.0/workspaces/{workspace}/hooks description`]: (ada, text) =>
    ada.post('/2.0/workspaces/team/hooks', { url: 'https://hooks.example.com/', description: text, events }),
  [`POST ${G}/repositories/{workspace}/{repo_slug}/deploy-tokens name`]: (ada, text) =>
    ada.post(`${G}/repositories/ada/web/deploy-tokens`, { name: text }),
  [`PATCH ${G}/admin/storage/volumes/{id} name`]: async (ada, text) => {
    const { id } = (await ada.get(`${G}/admin/storage`)).body.volumes[0]
    return ada.patch(`${G}/admin/storage/volumes/${id}`, { name: text })
  },
  [`POST ${G}/workspaces/{workspace}/oauth-consumers name`]: (ada, text) =>
    ada.post(`${G}/workspaces/team/oauth-consumers`, { name: text, callback_url: 'https://a.example.com/', scopes }),
  [`POST ${G}/workspaces/{workspace}/oauth-consumers description`]: (ada, text) =>
    ada.post(`${G}/workspaces/team/oauth-consumers`, {
      name: 'A',
      description: text,
      callback_url: 'https://a.example.com/',
      scopes,
    }),
  [`PUT ${G}/settings site_name`]: async (ada, text) =>
    ada.put(`${G}/settings`, { ...(await ada.get(`${G}/settings`)).body, site_name: text }),
  [`PUT ${G}/admin/mail username`]: (ada, text) =>
    ada.put(`${G}/admin/mail`, {
      enabled: false,
      host: 'mail.example.com',
      port: 25,
      security: 'tls',
      username: text,
      from: '',
      base: '',
    }),
}

/** Free text that is never shown, that names what exists, or that is checked for its form before it is stored. */
const NEVER_SHOWN = [
  / (?:password|current|secret|code|ticket|token|confirm|state)$/,
  / (?:code_challenge|code_challenge_method|response_type|scope|request|client_id|redirect_uri|callback_url)$/,
  / (?:workspace|repository|grants\[\]\.repository|project\.key|volume|kept\[\]|id|username|up_to|account|address)$/,
  / (?:target\.hash|include|exclude|include\[\]|exclude\[\]|path|parents|parents\[\]|files|files\[\]|mainbranch\.name)$/,
  /settings (?:allowed_\w+\[\]|rate_limits\.\w+\[\])$/,
  /https (?:certificate_file|key_file)$/,
  // Refused before anything is stored, which `imports` and `names` of the tests of security show.
  /imports (?:name|url)$/,
]
/** Comes with a push here, as the same columns are filled by it. */
const BY_PUSH = /src (?:author|branch|message)$|refs\/(?:branches|tags) name$|kept\/restore name$/

const PAGES = [
  '/',
  '/new',
  '/import',
  '/ada',
  '/team',
  '/people/ada',
  '/notifications',
  '/ada/words',
  '/ada/web',
  '/ada/web/commits',
  '/ada/web/branches',
  '/ada/web/insights',
  '/ada/web/activity',
  '/ada/web/search?q=hacked',
  '/ada/web/compare/main..main~1',
  '/ada/web/settings',
  '/ada/web/settings/access',
  '/ada/web/settings/webhooks',
  '/ada/web/settings/deploy-tokens',
  '/ada/web/settings/storage',
  '/ada/words/settings/availability',
  '/team/named/settings',
  '/workspaces/team/members',
  '/workspaces/team/activity',
  '/workspaces/team/projects',
  '/workspaces/team/groups',
  '/workspaces/team/webhooks',
  '/workspaces/team/oauth-consumers',
  '/workspaces/team/settings',
  '/account/profile',
  '/account/app-passwords',
  '/account/tokens',
  '/account/sessions',
  '/admin/people',
  '/admin/invitations',
  '/admin/groups',
  '/admin/operations',
  '/admin/jobs',
  '/admin/limits',
  '/admin/storage',
  '/admin/audit',
  '/admin/mail',
  '/admin/settings',
]

let site: Site
let browser: Browser
let page: Page
let ada: Client
let head: string
const problems: string[] = []
const seen = new Set<string>()
const marks = new Map<string, string>()

beforeAll(async () => {
  site = await openSite()
  ada = await signIn(site.server)
  expect((await ada.post(web)).status).toBe(201)
  for (const [at, [field, fill]] of Object.entries(FIELDS).entries()) {
    const mark = `m${String(at).padStart(2, '0')}`
    const { status, text } = await fill(ada, hostile(mark))
    expect([field, status, text]).toEqual([field, expect.toSatisfy((code: number) => code < 300), text])
    marks.set(mark, field)
  }
  const bare = join(site.dir, 'all.git')
  const author = `${hostileName('p0').replaceAll(/[<>]/g, '')} <p1"onerror=hacked()@x>`
  const branch = `refs/heads/${hostileName('p2')}`
  const oids = makeRepository(bare, {
    commits: [
      { files: { 'README.md': '# Before\n', 'code.js': 'let before\n' }, author, message: hostile('p3') },
      { files: HOSTILE_FILES, author, message: `${hostile('p4')}\n\n${hostile('p5')}\n\n#1 [x](javascript:hacked())` },
    ],
    refs: { 'refs/heads/main': 1, [branch]: 1 },
    tags: { [hostileName('p6')]: 0 },
  })
  head = oids[1] ?? ''
  await git(bare, ['push', '-q', remoteOf(site, 'web'), 'main', branch, '--tags'])
  for (const mark of ['p0', 'p2', 'p3', 'p4', 'p5', 'p6', 'k1', 'k2', 'k3', 'k4', 'c1', 'c2'])
    marks.set(mark, `git ${mark}`)

  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  const context = page.context()
  await context.exposeBinding('hacked', ({ frame }) => void problems.push(`ran in ${frame.url()}`))
  await context.exposeBinding('stopped', ({ frame }, what) => void problems.push(`${what} stopped in ${frame.url()}`))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      Reflect.get(window, 'stopped')(`${violatedDirective} ${blockedURI}`),
    )
  })
  page.on('dialog', (dialog) => {
    problems.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => problems.push(`${page.url()} ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(site.server.url) && /^https?:/.test(request.url())) problems.push(request.url())
  })
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

/** Opens it, notes the marks that are seen in it, and says what of it is more than words. */
async function faultsOf(path: string): Promise<string[]> {
  problems.length = 0
  await follow(page, site.server.url + path)
  await page.locator('main').waitFor()
  await settled(page)
  const { words, elements } = await page.evaluate(() => {
    const shown: string[] = [document.title, document.body.textContent ?? '']
    const odd: string[] = []
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        shown.push(value)
        const runs =
          name.startsWith('on') ||
          (/^(?:href|src|action|formaction|data)$|:href$/.test(name) &&
            /^[\s\0]*(?:javascript|vbscript|data:text)/i.test(value))
        if (runs) odd.push(element.outerHTML.slice(0, 200))
      }
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) shown.push(element.value)
      if (
        /^(?:script|base|object|embed|form|iframe|meta)$/i.test(element.localName) &&
        element.closest('.markdown, .notebook, .code, table')
      )
        odd.push(element.outerHTML.slice(0, 200))
    }
    return { words: shown.join('\n'), elements: odd }
  })
  for (const mark of marks.keys()) if (words.includes(`${mark}"'`)) seen.add(mark)
  return [...problems, ...elements].map((what) => `${path}: ${what}`)
}

it('each field that takes free text is among those that are tried', async () => {
  const { paths, components } = (await ada.get('/2.0/openapi.json')).body
  const found = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations as object).flatMap(([method, { requestBody }]) =>
      Object.values((requestBody?.content ?? {}) as Record<string, { schema: Schema }>).flatMap(({ schema }) =>
        freeTexts(schema, components?.schemas ?? {}).map((field) => `${method.toUpperCase()} ${path} ${field}`),
      ),
    ),
  )
  expect(found.length).toBeGreaterThan(60)
  const known = (field: string): boolean =>
    field in FIELDS || BY_PUSH.test(field) || NEVER_SHOWN.some((pattern) => pattern.test(field)) || isTwin(field)
  expect([...new Set(found)].filter((field) => !known(field))).toEqual([])
  expect(Object.keys(FIELDS).filter((field) => !found.includes(field))).toEqual([])
})

it.each(PAGES)('%s shows words as words', async (path) => {
  expect(await faultsOf(path)).toEqual([])
})

const files = Object.keys(HOSTILE_FILES)
const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
/** What is done with their lines and their names, which is the same for all kinds. */
const ALSO = ['README.md', 'page.html', files.find((name) => name.includes('hacked()')) ?? '']

it.each(files)('the file %s is drawn, and its source is shown', async (name) => {
  const path = encoded(name)
  const faults = await faultsOf(`/ada/web/src/main/${path}`)
  faults.push(...(await faultsOf(`/ada/web/src/main/${path}?view=source`)))
  expect(faults).toEqual([])
})

it.each(ALSO)('the file %s is blamed, has a history and is edited', async (name) => {
  const faults: string[] = []
  for (const way of ['annotate', 'history', 'edit'])
    faults.push(...(await faultsOf(`/ada/web/${way}/main/${encoded(name)}`)))
  expect(faults).toEqual([])
})

it('folders, commits and branches with such names do nothing', async () => {
  const faults: string[] = []
  for (const path of [
    `src/main/${encoded(hostileName('k4'))}`,
    'src/main/src',
    `src/${encoded(hostileName('p2'))}`,
    `commit/${head}`,
    `commits/${encoded(hostileName('p2'))}`,
    `compare/${encoded(hostileName('p2'))}..${encoded(hostileName('p6'))}`,
    `src/${encoded(hostile('none'))}`,
    `search?q=${encodeURIComponent(hostile('none'))}`,
    `commits?author=${encodeURIComponent(hostile('none'))}`,
  ])
    faults.push(...(await faultsOf(`/ada/web/${path}`)))
  faults.push(...(await faultsOf(`/sign-in?next=${encodeURIComponent('javascript:hacked()')}`)))
  faults.push(...(await faultsOf(`/${encodeURIComponent(hostile('none'))}`)))
  expect(faults).toEqual([])
})

it('the files themselves are text or kept in a box of their own', async () => {
  const raw = await page.context().newPage()
  for (const name of files.filter((one) => !['lib', 'other'].includes(one))) {
    const address = `${site.server.url}/2.0/repositories/ada/web/src/${head}/${encoded(name)}`
    const { headers } = await ada.get(address.slice(site.server.url.length))
    expect([name, headers.get('content-security-policy')]).toEqual([
      name,
      expect.stringMatching(/sandbox(?!.*allow-scripts)/),
    ])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-type')).not.toMatch(/html|xml|script/)
    problems.length = 0
    await raw.goto(address).catch(() => {}) // A download is no page.
    expect(problems.filter((what) => what.startsWith('ran'))).toEqual([])
  }
  await raw.close()
})

it('all of it was seen', () => {
  expect([...marks].filter(([mark]) => !seen.has(mark))).toEqual([])
})

interface Schema {
  $ref?: string
  type?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  format?: string
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
}

function freeTexts(schema: Schema, shared: Record<string, Schema>, field = ''): string[] {
  const { $ref, anyOf = [], oneOf = [], allOf = [], properties = {}, items } = schema
  if ($ref !== undefined) return freeTexts(shared[$ref.split('/').at(-1) ?? ''] ?? {}, shared, field)
  const own = (name: string): string => (field === '' ? name : `${field}.${name}`)
  return [
    ...(isFree(schema) ? [field] : []),
    ...[...anyOf, ...oneOf, ...allOf].flatMap((one) => freeTexts(one, shared, field)),
    ...Object.entries(properties).flatMap(([name, one]) => freeTexts(one, shared, own(name))),
    ...(items ? freeTexts(items, shared, `${field}[]`) : []),
  ]
}

function isFree({ type, enum: choices, const: fixed, pattern }: Schema): boolean {
  return type === 'string' && choices === undefined && fixed === undefined && pattern === undefined
}

/** The same column under another operation: changed instead of made, or at the first start. */
function isTwin(field: string): boolean {
  const [, path = '', name = ''] = field.split(' ')
  const made = path.replace(/\/\{(?:uid|project_key|workspace)\}$/, '')
  return [
    ` ${made} ${name}`,
    ...(/setup|accept/.test(path) ? [`/profile ${name}`] : []),
    ...(path.endsWith('volumes') && name === 'name' ? ['/volumes/{id} name'] : []),
    ...(path.includes('hooks') ? [`/hooks ${name}`] : []),
  ].some((end) => Object.keys(FIELDS).some((known) => known.endsWith(end)))
}
