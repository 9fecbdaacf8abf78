// What the pages that edit ask for and send.
import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { ApiError, call, callBytes, sendForm } from '../../../api.ts'
import { apiOf, type Commit, encoded, type Entry, type Id, type NamedRef } from '../data.ts'
import { type FileText, isPointer, textOf } from './text.ts'

/** More than this is not edited in a browser. */
export const LARGEST_EDITED = 1024 * 1024

/** Where a branch stands; null when there is no branch of this name, as for a tag or a commit. */
export const branchQuery = (id: Id, name: string) =>
  queryOptions({
    queryKey: ['branch', id.workspace, id.repo, name],
    queryFn: async ({ signal }) => {
      try {
        const at = `${apiOf(id)}/refs/branches/${encoded(name)}`
        return (await call<NamedRef>('GET', at, undefined, signal)).target.hash
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
  })

/** A file as it was when editing began: from here on nothing changes it under the hands of whoever types. */
export interface Base extends FileText {
  /** Undefined in an empty repository. */
  commit: string | undefined
  branch: string
  /** Of the file; of the folder for a new one. */
  path: string
}

/** Throws in words where it is nothing to edit. */
export async function loadBase(id: Id, address: string, signal: AbortSignal): Promise<Base> {
  const at = `${apiOf(id)}/src/${encoded(address)}`
  const entry = await call<Entry>('GET', `${at}?format=meta`, undefined, signal)
  const problem = problemOf(entry)
  if (problem !== undefined) throw new Error(problem)
  const commit = entry.commit.hash
  const file = await loadText(id, `${commit}/${entry.path}`, signal)
  if (!file) throw new Error('This file is no text in UTF-8, so it cannot be edited here.')
  if (isPointer(file.text)) throw new Error('This file is kept by Git LFS. Change it with git.')
  return { ...file, commit, branch: refOf(address, entry.path), path: entry.path }
}

/** The same at another commit; undefined where it is gone or no text any more. */
export async function loadText(id: Id, address: string, signal?: AbortSignal): Promise<FileText | undefined> {
  try {
    return textOf(await callBytes(`${apiOf(id)}/src/${encoded(address)}`, signal))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** Whether something has this path in the commit; nothing has one in an empty repository. */
export async function isThere(id: Id, commit: string | undefined, path: string): Promise<boolean> {
  if (commit === undefined) return false
  try {
    await call('GET', `${apiOf(id)}/src/${commit}/${encoded(path)}?format=meta`)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}

/** A folder to put files into. */
export async function loadFolder(
  id: Id,
  address: string,
  signal: AbortSignal,
): Promise<Pick<Base, 'commit' | 'branch' | 'path'>> {
  const entry = await call<Entry>('GET', `${apiOf(id)}/src/${encoded(address)}?format=meta`, undefined, signal)
  if (entry.type !== 'commit_directory') throw new Error('This is no folder.')
  const path = entry.path === '' ? '' : `${entry.path}/`
  return { commit: entry.commit.hash, branch: refOf(address.replace(/\/$/, ''), entry.path), path }
}

function problemOf({ type, attributes = [], size = 0 }: Entry): string | undefined {
  if (type === 'commit_directory') return 'This is a folder. Open a file in it to edit it.'
  if (attributes.includes('subrepository')) return 'This is a submodule: its files are in another repository.'
  if (attributes.includes('link')) return 'This is a symbolic link. Change it with git.'
  return size > LARGEST_EDITED ? 'This file is too large to be edited here. Change it with git.' : undefined
}

function refOf(address: string, path: string): string {
  return path === '' ? address : address.slice(0, -path.length - 1)
}

export interface Wish {
  message: string
  branch: string
  /** The commit that was edited. */
  parent: string | undefined
}

function fill(form: FormData | URLSearchParams, { message, branch, parent }: Wish): void {
  form.append('branch', branch)
  if (message.trim() !== '') form.append('message', message)
  if (parent !== undefined) form.append('parents', parent)
}

/** Text as it stands: a form of this kind leaves every sign in a path and every line break alone. */
export function commitTexts(
  id: Id,
  wish: Wish,
  { put = [], remove = [] }: { put?: { path: string; text: string }[]; remove?: string[] },
): Promise<Commit> {
  const form = new URLSearchParams()
  fill(form, wish)
  for (const { path, text } of put) form.append(`/${path}`, text)
  for (const path of remove) form.append('files', `/${path}`)
  return sendForm(`${apiOf(id)}/src`, form)
}

export function commitUploads(
  id: Id,
  wish: Wish,
  {
    files,
    ...how
  }: { files: { path: string; file: File }[]; onProgress: (bytes: number) => void; signal: AbortSignal },
): Promise<Commit> {
  const form = new FormData()
  fill(form, wish)
  for (const { path, file } of files) form.append(`/${path}`, file)
  return sendForm(`${apiOf(id)}/src`, form, how)
}

/** After a commit: what is held of the repository is old, and what nobody looks at is forgotten, so that none of it flashes up. */
export function useCommitted(): (id: Id) => Promise<void> {
  const client = useQueryClient()
  return async ({ workspace, repo }) => {
    const predicate = ({ queryKey }: { queryKey: readonly unknown[] }): boolean =>
      queryKey[1] === workspace && queryKey[2] === repo
    client.removeQueries({ type: 'inactive', predicate })
    await client.invalidateQueries({ predicate })
  }
}

/** What changed meanwhile, where that is why a commit was refused. */
export function conflictOf(error: unknown): { paths: string[]; hash: string } | undefined {
  if (!(error instanceof ApiError) || error.code !== 'edit.conflict') return undefined
  return error.data as { paths: string[]; hash: string } & Record<string, unknown>
}
