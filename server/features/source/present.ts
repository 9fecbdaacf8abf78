// Commits, refs, folders and files on the wire, in Bitbucket's shapes.
import type { Commit, Person } from '../../git/format/commits.ts'
import { pathText } from '../../git/format/paths.ts'
import type { FileChange } from '../../git/format/rawdiff.ts'
import type { Entry } from '../../git/read/trees.ts'
import type { RepositoryView } from '../../rooms.ts'
import { braced } from '../accounts/present.ts'
import { mimeOf } from './media.ts'
import { fullName } from '../repositories/present.ts'
import type { ReadRef } from './refs.ts'
import type { FileVersion } from './commits.ts'

/** Where links of a repository begin: for programs, and for people. */
export interface Place {
  base: string
  repository: RepositoryView
}

function api({ base, repository }: Place, ...parts: string[]): string {
  return [`${base}/2.0/repositories/${fullName(repository)}`, ...parts].join('/')
}

function page({ base, repository }: Place, ...parts: string[]): string {
  return [`${base}/${fullName(repository)}`, ...parts].join('/')
}

export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** The person's own local time, as git keeps it. */
export function isoTime({ seconds, offset }: Person): string {
  const local = new Date((seconds + offset * 60) * 1000)
  if (Number.isNaN(local.getTime())) return '1970-01-01T00:00:00+00:00'
  const sign = offset < 0 ? '-' : '+'
  const minutes = Math.abs(offset)
  const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return local.toISOString().replace(/\.\d+Z$/, zone)
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`)
}

/** What a person wrote, as it is and as HTML; nothing in it becomes markup. */
function written(text: string) {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((part) => `<p>${escape(part).replaceAll('\n', '<br>')}</p>`)
  return { type: 'rendered', raw: text, markup: 'markdown', html: paragraphs.join('') } as const
}

function author(person: Person) {
  return { type: 'author', raw: `${person.name} <${person.email}>` } as const
}

export function briefCommit(place: Place, hash: string) {
  return {
    type: 'commit',
    hash,
    links: { self: { href: api(place, 'commit', hash) }, html: { href: page(place, 'commit', hash) } },
  } as const
}

export function presentCommit(place: Place, commit: Commit) {
  const { oid } = commit
  const link = (kind: string): { href: string } => ({ href: api(place, kind, oid) })
  const message = written(commit.message)
  return {
    type: 'commit',
    hash: oid,
    date: isoTime(commit.committer),
    author: author(commit.author),
    /** Ours: when it was written, as it may have been committed again since. */
    authored_on: isoTime(commit.author),
    committer: author(commit.committer),
    message: commit.message,
    summary: message,
    rendered: { message },
    parents: commit.parents.map((hash) => briefCommit(place, hash)),
    repository: {
      type: 'repository',
      uuid: braced(place.repository.id),
      name: place.repository.name,
      full_name: fullName(place.repository),
      links: { self: { href: api(place) }, html: { href: page(place) } },
    },
    links: {
      self: link('commit'),
      html: { href: page(place, 'commit', oid) },
      diff: link('diff'),
      patch: link('patch'),
      comments: { href: api(place, 'commit', oid, 'comments') },
      statuses: { href: api(place, 'commit', oid, 'statuses') },
      approve: { href: api(place, 'commit', oid, 'approve') },
    },
  } as const
}

export function presentNamedRef(place: Place, { target, tag, ...ref }: ReadRef) {
  const folder = ref.kind === 'branch' ? 'branches' : 'tags'
  const shared = {
    name: ref.name,
    target: presentCommit(place, target),
    links: {
      self: { href: api(place, 'refs', folder, encoded(ref.name)) },
      commits: { href: api(place, 'commits', encoded(ref.name)) },
      html: { href: page(place, 'src', encoded(ref.name)) },
    },
  }
  if (ref.kind === 'branch') {
    const strategies = ['merge_commit', 'squash', 'fast_forward'] as const
    return { type: 'branch', ...shared, merge_strategies: strategies, default_merge_strategy: 'merge_commit' } as const
  }
  if (!tag) return { type: 'tag', ...shared } as const
  const { tagger, message } = tag
  return {
    type: 'tag',
    ...shared,
    message,
    ...(tagger ? { tagger: author(tagger), date: isoTime(tagger) } : {}),
  } as const
}

const ATTRIBUTES: Partial<Record<Entry['kind'], string>> = {
  symlink: 'link',
  executable: 'executable',
  submodule: 'subrepository',
}

export function presentEntry(place: Place, commit: string, entry: Entry) {
  const path = pathText(entry.path)
  const self = api(place, 'src', commit, encoded(path))
  const shared = { path, commit: briefCommit(place, commit) }
  if (entry.kind === 'folder') {
    return {
      type: 'commit_directory',
      ...shared,
      links: { self: { href: `${self}/` }, meta: { href: `${self}/?format=meta` } },
    } as const
  }
  const attribute = ATTRIBUTES[entry.kind]
  return {
    type: 'commit_file',
    ...shared,
    escaped_path: encoded(path),
    size: entry.size ?? 0,
    mimetype: entry.kind === 'submodule' ? null : mimeOf(path).type,
    attributes: attribute === undefined ? [] : [attribute],
    hash: entry.oid,
    links: {
      self: { href: self },
      meta: { href: `${self}?format=meta` },
      history: { href: api(place, 'filehistory', commit, encoded(path)) },
    },
  } as const
}

/** A file as one commit made it, with that commit in full. */
export function presentVersion(place: Place, { commit, entry, path: bytes }: FileVersion) {
  if (entry) return { ...presentEntry(place, commit.oid, entry), commit: presentCommit(place, commit) } as const
  const path = pathText(bytes)
  const shared = { type: 'commit_file', path, escaped_path: encoded(path), size: 0, attributes: [] }
  return { ...shared, commit: presentCommit(place, commit), links: {} } as const
}

/** One file of a comparison. What is neither added, removed nor renamed counts as modified. */
export function presentFileChange(place: Place, { from, to }: { from: string | null; to: string }, change: FileChange) {
  const { status: kind } = change
  const status = kind === 'added' || kind === 'removed' || kind === 'renamed' ? kind : 'modified'
  return {
    type: 'diffstat',
    status,
    lines_added: change.added ?? 0,
    lines_removed: change.removed ?? 0,
    is_binary: change.added === undefined,
    old: change.oldPath === undefined || from === null ? null : changedFile(place, from, change.oldPath),
    new: change.newPath === undefined ? null : changedFile(place, to, change.newPath),
  } as const
}

function changedFile(place: Place, commit: string, bytes: Buffer) {
  const path = pathText(bytes)
  const self = { href: api(place, 'src', commit, encoded(path)) }
  return {
    type: 'commit_file',
    path,
    escaped_path: encoded(path),
    commit: briefCommit(place, commit),
    links: { self },
  } as const
}
