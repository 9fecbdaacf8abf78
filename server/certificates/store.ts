// Where the keys lie: one file per pair, readable by its owner only, replaced as a whole or not at all.
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '../kit/secret.ts'
import { makeAuthority } from './make.ts'
import { type Pair, storedPair, unusable } from './pair.ts'

/** `authority` signs; `own` was made under it; `given` is the last copy of an admin's files that was in order. */
export type Kept = 'authority' | 'own' | 'given'

export function fileOf(data: string, kept: Kept): string {
  return join(data, 'tls', `${kept}.pem`)
}

/** Undefined when there is none, or none that can be read. */
export async function readKept(data: string, kept: Kept): Promise<Pair | undefined> {
  const text = await readFile(fileOf(data, kept), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : storedPair(text)
}

/** Changes with every replacement of the file. */
export async function stampOf(data: string, kept: Kept): Promise<string> {
  const facts = await stat(fileOf(data, kept), { bigint: true }).catch(() => undefined)
  return facts ? `${facts.ino} ${facts.mtimeNs} ${facts.size}` : 'none'
}

export async function writeKept(data: string, kept: Kept, pem: string): Promise<void> {
  const part = await written(data, kept, pem)
  await rename(part, fileOf(data, kept)).catch(async (error: unknown) => {
    await rm(part, { force: true })
    throw error
  })
}

/** The authority of this installation. Of several processes that make it at once, all get the one that was first. */
export async function authorityOf(data: string): Promise<Pair> {
  const known = await readKept(data, 'authority')
  if (known) return known
  const file = fileOf(data, 'authority')
  const part = await written(data, 'authority', makeAuthority())
  try {
    await link(part, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(part, { force: true })
  }
  const made = await readKept(data, 'authority')
  // A new one in its place would be trusted by nobody: that is for the admin to decide.
  if (!made) throw unusable(`The authority of this server (${file}) is damaged. Restore it, or have a new one made.`)
  return made
}

/** What was left half written by a process that died. */
export async function clearParts(data: string): Promise<void> {
  const dir = join(data, 'tls')
  const names = await readdir(dir).catch(() => [])
  for (const name of names) if (name.endsWith('.part')) await rm(join(dir, name), { force: true })
}

async function written(data: string, kept: Kept, pem: string): Promise<string> {
  await mkdir(join(data, 'tls'), { recursive: true, mode: 0o700 })
  const part = `${fileOf(data, kept)}.${newId()}.part`
  const file = await open(part, 'wx', 0o600)
  try {
    await file.writeFile(pem)
    await file.sync()
  } finally {
    await file.close()
  }
  return part
}
