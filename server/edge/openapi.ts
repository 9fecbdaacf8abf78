// The API's description, made of the route records themselves: as OpenAPI document and as a page to read.
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { version } from '../kit/version.ts'
import { json, route, type Route } from '../route.ts'

const WHO: Record<Route['access'], string> = {
  anyone: 'Anyone.',
  user: 'Any signed-in account.',
  admin: 'Admins of the server.',
  'repository:read': 'Whoever may read the repository.',
  'repository:write': 'Whoever may write to the repository.',
  'repository:admin': 'Admins of the repository.',
  'workspace:see': 'Those who belong to the workspace.',
  'workspace:member': 'Members and owners of the workspace.',
  'workspace:owner': 'Owners of the workspace.',
}

const NEEDS: Record<string, string> = {
  none: 'No scope is needed.',
  session: 'Only from a signed-in browser, never with a token.',
}

function access({ access, scope }: Route): string {
  return `${WHO[access]} ${NEEDS[scope] ?? `Tokens need the scope \`${scope}\`.`}`
}

/** `/a/:b/*c` as OpenAPI writes it. */
function template(path: string): string {
  return path.replace(/[:*](\w+)/g, '{$1}')
}

function operation(record: Route): ZodOpenApiOperationObject {
  const names = [...record.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name ?? '')
  const guarded = record.access !== 'anyone' || record.scope !== 'none'
  return {
    operationId: `${record.method}${record.path.replace(/[^A-Za-z0-9]+(\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
    summary: record.summary,
    description: access(record),
    tags: [record.path.startsWith('/2.0') ? (record.path.split('/')[2] ?? 'root') : 'gitstead'],
    requestParams: {
      ...(names.length > 0 ? { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) } : {}),
      ...(record.query instanceof z.ZodObject ? { query: record.query } : {}),
    },
    ...bodyOf(record),
    responses: {
      '2XX': { description: 'Done.', content: { 'application/json': { schema: record.answer ?? z.looseObject({}) } } },
      '4XX': {
        description: 'Refused, with the reason in words.',
        content: { 'application/json': { schema: ErrorBody } },
      },
    },
    ...(guarded ? { security: [{ basic: [] }, { bearer: [] }, { session: [] }] } : {}),
  }
}

function bodyOf({ body, form }: Route): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  if (body) return { requestBody: { content: { 'application/json': { schema: body } } } }
  if (!form) return {}
  const types = ['multipart/form-data', 'application/x-www-form-urlencoded']
  return { requestBody: { content: Object.fromEntries(types.map((type) => [type, { schema: form }])) } }
}

const ErrorBody = z
  .object({
    type: z.literal('error'),
    error: z.object({
      message: z.string(),
      detail: z.string().optional(),
      fields: z.record(z.string(), z.array(z.string())).optional(),
    }),
  })
  .meta({ id: 'Error' })

export function describe(routes: readonly Route[]): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {}
  for (const record of routes) {
    const path = template(record.path)
    paths[path] = { ...paths[path], [record.method]: operation(record) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Gitstead',
      version,
      description: 'Resources under /2.0 have the shapes of Bitbucket Cloud 2.0; our own lie under /api/gitstead/1.',
    },
    paths,
    components: {
      securitySchemes: {
        basic: {
          type: 'http',
          scheme: 'basic',
          description:
            'User name with an app password, a token or, where allowed, the password. `x-token-auth` with a token.',
        },
        bearer: { type: 'http', scheme: 'bearer', description: 'An app password or a token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'gitstead_session',
          description: 'A browser; changes need X-CSRF-Token.',
        },
      },
    },
  })
}

/** Two routes that tell of all others; the document is made when it is first asked for. */
export function documentation(routes: readonly Route[]): Route[] {
  let document: ReturnType<typeof createDocument> | undefined
  const all = (): readonly Route[] => [...routes, ...own]
  const own: Route[] = [
    route({
      method: 'get',
      path: '/2.0/openapi.json',
      access: 'anyone',
      scope: 'none',
      summary: 'This description as OpenAPI 3.1',
      handle: () => Promise.resolve(json((document ??= describe(all())))),
    }),
    route({
      method: 'get',
      path: '/api-docs',
      access: 'anyone',
      scope: 'none',
      class: 'web',
      summary: 'This description as a page',
      handle: () => {
        const headers = {
          'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        }
        return Promise.resolve({
          kind: 'text',
          status: 200,
          type: 'text/html; charset=utf-8',
          body: docsPage(all()),
          headers,
        })
      },
    }),
  ]
  return own
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
details{border-bottom:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
code{font:14px ui-monospace,monospace}.verb{display:inline-block;min-width:4.5rem;font-weight:700;text-transform:uppercase;font-size:.8rem}
.what{opacity:.8;display:block;margin-left:4.5rem}table{border-collapse:collapse;margin:.5rem 0 .5rem 4.5rem}
td,th{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}@media(max-width:40rem){.what,table{margin-left:0}}`

function docsPage(routes: readonly Route[]): string {
  const groups = new Map<string, Route[]>()
  for (const record of routes) {
    const area = record.path.startsWith('/2.0')
      ? `/2.0/${record.path.split('/')[2] ?? ''}`
      : record.path.split('/').slice(0, 4).join('/')
    groups.set(area, [...(groups.get(area) ?? []), record])
  }
  const sections = [...groups].map(([area, records]) => `<h2>${escape(area)}</h2>${records.map(entry).join('')}`)
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>API · Gitstead</title><style>${STYLE}</style></head><body><main><h1>Gitstead API</h1>` +
    `<p>Resources under <code>/2.0</code> have the shapes of Bitbucket Cloud 2.0. Sign in with an app password as ` +
    `Bearer token or as Basic password. The same as <a href="/2.0/openapi.json">OpenAPI document</a>.</p>` +
    `${sections.join('')}</main></body></html>`
  )
}

function entry(record: Route): string {
  const fields = [...fieldsOf(record.query, 'query'), ...fieldsOf(record.body ?? record.form, 'body')]
  const table = fields.length > 0 ? `<table><tr><th>Field</th><th>In</th></tr>${fields.join('')}</table>` : ''
  return (
    `<details><summary><span class="verb">${record.method}</span><code>${escape(template(record.path))}</code>` +
    `<span class="what">${escape(record.summary)}</span></summary><p class="what">${escape(access(record))}</p>${table}</details>`
  )
}

function fieldsOf(schema: z.ZodType | undefined, where: string): string[] {
  if (!(schema instanceof z.ZodObject)) return []
  return Object.keys(schema.shape).map((name) => `<tr><td><code>${escape(name)}</code></td><td>${where}</td></tr>`)
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`)
}
