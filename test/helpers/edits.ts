// Commits by a form, as the tests of edits send them.
import { basic } from './client.ts'
import { ADMIN } from './server.ts'
import type { Site } from './site.ts'

export type Field = [name: string, value: string | Blob]
export interface Edited {
  status: number
  text: string
  location: string
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes; a wrong guess fails the test
  body: any
}
export interface How {
  by?: Record<string, string>
  repo?: string
  kind?: 'multipart' | 'text'
}

export const asAda = basic(ADMIN.name, ADMIN.password)

/** In a form of parts, a name with a slash is a file, and so is a Blob; all else is about the commit. */
export async function sendEdit(site: Site, fields: readonly Field[], how: How = {}): Promise<Edited> {
  const { by = asAda, repo = 'web', kind = 'multipart' } = how
  const form = new FormData()
  for (const [name, value] of fields)
    if (typeof value === 'string' && !name.includes('/')) form.append(name, value)
    else form.append(name, typeof value === 'string' ? new Blob([value]) : value, 'file')
  const body = kind === 'multipart' ? form : new URLSearchParams(fields as [string, string][])
  const url = `${site.server.url}/2.0/repositories/ada/${repo}/src`
  const response = await fetch(url, { method: 'POST', headers: by, body })
  const text = await response.text()
  const location = response.headers.get('location') ?? ''
  return { status: response.status, text, location, body: text.startsWith('{') ? JSON.parse(text) : undefined }
}
