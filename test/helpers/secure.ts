// HTTPS as clients see it: a site that speaks it, git that trusts its authority, handshakes looked into, files of an admin.
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { issue, makeAuthority } from '../../server/certificates/make.ts'
import type { AdminHttps } from '../../server/contract/https.ts'
import { type Client, signIn } from './client.ts'
import { tryGit, withLogin, type GitRun } from './git.ts'
import { ADMIN, type Server } from './server.ts'
import type { Site } from './site.ts'

export const ADMIN_HTTPS = '/api/gitstead/1/admin/https'

/** The address of a repository over HTTPS, credentials included. */
export function secureRemote({ server }: Pick<Site, 'server'>, name: string): string {
  return withLogin(`https://127.0.0.1:${server.port}/ada/${name}.git`, ADMIN.name, ADMIN.password)
}

/** Switches HTTPS on with an authority of the server's own, and gives the file to trust. */
export async function switchOn(site: Site, change: object = { mode: 'own' }): Promise<{ ada: Client; ca: string }> {
  const ada = await signIn(site.server)
  const answer = await ada.put(ADMIN_HTTPS, change)
  if (answer.status !== 200) throw new Error(`HTTPS could not be switched on: ${answer.text}`)
  return { ada, ca: await trustFile(site) }
}

export async function trustFile(site: Site): Promise<string> {
  const answer = await fetch(`${site.server.url}/api/gitstead/1/https/ca.crt`)
  const file = join(site.dir, 'ca.crt')
  writeFileSync(file, await answer.text())
  return file
}

/** git that trusts the file and nothing else. */
export function secureGit(cwd: string, ca: string, args: string[]): Promise<GitRun> {
  return tryGit(cwd, ['-c', `http.sslCAInfo=${ca}`, ...args])
}

/** A handshake to its end. Rejects when there is none. */
export function shake(server: Pick<Server, 'port'>, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: server.port, rejectUnauthorized: false }
    const socket = connect({ ...at, ALPNProtocols: ['http/1.1'], ...options }, () => resolve(socket))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })
}

/** The certificate that the next handshake gets. */
export async function shown(server: Pick<Server, 'port'>): Promise<X509Certificate> {
  const socket = await shake(server)
  const certificate = socket.getPeerX509Certificate()
  socket.destroy()
  if (!certificate) throw new Error('no certificate was shown')
  return certificate
}

export interface SecureAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** One request over HTTPS on a connection of its own, with the server's certificate verified. */
export function secureFetch(
  server: Pick<Server, 'port'>,
  ca: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: server.port, path, method, headers, agent: false as const }
    const call = request({ ...at, ca: readFileSync(ca) }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

export interface Files {
  certificate_file: string
  key_file: string
  ca: string
  /** Replaces both by a new pair, under the same authority. */
  renew: (at?: number) => void
}

/** The certificate files of an admin, who has an authority of their own. */
export function adminFiles(dir: string, names = ['127.0.0.1', 'localhost']): Files {
  const authority = makeAuthority()
  const [certificate_file, key_file, ca] = ['site.crt', 'site.key', 'site-ca.crt'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(ca, new X509Certificate(authority).toString())
  const renew = (at?: number): void => {
    const pem = issue(authority, names, at)
    const cut = pem.indexOf('-----BEGIN CERTIFICATE')
    writeFileSync(key_file, pem.slice(0, cut))
    writeFileSync(certificate_file, pem.slice(cut))
  }
  renew()
  return { certificate_file, key_file, ca, renew }
}

export async function adminView(ada: Client): Promise<AdminHttps> {
  return (await ada.get(ADMIN_HTTPS)).body
}
