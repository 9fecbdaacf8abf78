// A server with its admin, folders for work trees, and what fault tests do to it: stop it, kill it, start it again.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, signIn } from './client.ts'
import { git, makeWork, withLogin } from './git.ts'
import { findPath } from './invariant.ts'
import { ADMIN, remove, type Server, type ServerOptions, startServer, tempDir } from './server.ts'

export interface Site {
  /** The server that runs now. */
  server: Server
  dir: string
  data: string
  env: Record<string, string>
}

export async function openSite(options: ServerOptions = {}): Promise<Site> {
  const dir = tempDir()
  const server = await startServer(options)
  return { server, dir, data: server.data, env: options.env ?? {} }
}

/** Starts the next server on the same data; the one before has ended. */
export async function startAgain(site: Site, env: Record<string, string> = site.env): Promise<Server> {
  site.server = await startServer({ data: site.data, env })
  return site.server
}

export async function closeSite(site: Site): Promise<void> {
  await site.server.stop('SIGKILL')
  remove(site.dir)
  remove(site.data)
}

/** Makes a repository of the admin's, and a work tree with one commit that was not pushed yet. */
export async function makeRepository(site: Site, name: string): Promise<{ work: string; path: string; ada: Client }> {
  const ada = await signIn(site.server)
  const answer = await ada.post(`/2.0/repositories/ada/${name}`)
  if (answer.status !== 201) throw new Error(`no repository: ${answer.text}`)
  const work = join(site.dir, name)
  mkdirSync(work)
  await makeWork(work)
  // The server asks git for its capabilities at the first request; a test may count or stop what git does after that.
  await git(work, ['ls-remote', '-q', remoteOf(site, name)])
  return { work, path: findPath(site.data, `ada/${name}`), ada }
}

/** The address of one of the admin's repositories, credentials included. */
export function remoteOf({ server }: Pick<Site, 'server'>, name: string): string {
  return withLogin(`${server.url}/ada/${name}.git`, ADMIN.name, ADMIN.password)
}
