// An edit from a page or a program: new objects beside the repository, then the same way in as a push.
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { validRefName } from '../../git/format/refnames.ts'
import { readCommit } from '../../git/read/history.ts'
import { isEmpty, readRefs, resolve } from '../../git/read/revisions.ts'
import { entryAt } from '../../git/read/trees.ts'
import { findRef, type Snapshot } from '../../git/refs/refs.ts'
import { ZERO_OID } from '../../git/refs/update.ts'
import { packOf } from '../../git/write/pack.ts'
import { type NewCommit, openStage, type Stage } from '../../git/write/stage.ts'
import { editTree, type FileEdit } from '../../git/write/trees.ts'
import { isAbbreviated } from '../../git/format/oid.ts'
import { Fault } from '../../kit/fault.ts'
import { oncePer } from '../../kit/onceper.ts'
import { openRow } from '../../kit/row.ts'
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { viewById } from '../repositories/actions.ts'
import { repoOf } from '../repositories/door.ts'
import { pushOwn, type Pushed } from '../repositories/push.ts'
import { needOpen } from '../repositories/quarantine.ts'
import { whileRoom } from '../repositories/room.ts'
import { authorOf, committerOf } from './author.ts'
import type { EditForm } from './draft.ts'

export interface EditAsk {
  repository: RepositoryView
  actor: Actor
  address: string
  signal: AbortSignal
}

export interface Edited {
  branch: string
  hash: string
}

const HEADS = 'refs/heads/'
/** Somebody else may push to the branch just then, again and again. */
const TRIES = 12
/** So long at most each try rests, so that two processes do not meet again at once. */
const REST_MS = 150
const PARENTS_MAX = 16
const MESSAGE_MAX = 64 * 1024
const PATHS_TOLD = 100

/** `read` gets a folder on the disk of the repository, which is gone again when this ends. */
export async function edit(
  rooms: Rooms,
  ask: EditAsk,
  read: (dir: string, signal: AbortSignal) => Promise<EditForm>,
): Promise<Edited> {
  const { volume } = ask.repository
  // A push is asked the same when it is written down; nobody is to send files that are then refused.
  needOpen(ask.repository)
  rooms.volumes.needRoom(volume)
  const dir = await rooms.volumes.scratch(volume)
  try {
    return await whileRoom(rooms, { volume, signal: ask.signal }, async (signal) => {
      const form = await read(dir, signal)
      const branch = branchOf(form, ask.repository)
      const task = { form, branch, stage: await openStage(dir) }
      // Whoever commits to the same branch at this moment is waited for rather than raced.
      return await rowOf(rooms)(`${ask.repository.id} ${branch}`, () => carryOut(rooms, { ...ask, signal }, task))
    })
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

const rowOf = oncePer((_rooms: Rooms) => openRow())

interface Task {
  form: EditForm
  branch: string
  stage: Stage
}

async function carryOut(rooms: Rooms, ask: EditAsk, { form, branch, stage }: Task): Promise<Edited> {
  const edits = await stageFiles(stage, form)
  const people = await peopleOf(rooms, ask.actor, form)
  const message = messageOf(form)
  for (let left = TRIES; ; left--) {
    const ground = await groundOf(rooms, ask, branch, form)
    await needUnchanged(rooms, ask, ground, edits)
    const tree = await treeOf(rooms, ask, { ground, stage, edits })
    const commit: NewCommit = { tree, parents: ground.parents, ...people, message }
    const command = { ref: HEADS + branch, oldOid: ground.oldOid, newOid: await stage.addCommit(commit) }
    const pushed = await pushOwn(rooms, takingOf(rooms, ask), {
      command,
      pack: () => packOf(rooms.git, stage, { repo: ask.repository.id, signal: ask.signal }),
    })
    if (pushed.ok) return { branch, hash: command.newOid }
    const isBusy = IN_THE_WAY.test(pushed.words) || (await hasMoved(rooms, ask.repository, pushed))
    if (!isBusy) throw refusedBy(pushed)
    if (left <= 1) throw new Fault('busy', { detail: 'Many commit to this branch at once. Try again.' })
    await sleep(Math.random() * REST_MS, undefined, { signal: ask.signal })
  }
}

function takingOf(rooms: Rooms, ask: EditAsk): Parameters<typeof pushOwn>[1] {
  const { actor, address, repository, signal } = ask
  const share = actor.kind === 'guest' ? address : actor.id
  const again = async (): Promise<void> => {
    const permission = viewById(rooms.db, actor, repository.id)?.permission
    if (permission !== 'write' && permission !== 'admin') throw new Fault('auth.forbidden')
  }
  return { actor, address, repository, signal, share, again }
}

function invalid(field: string, detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}

function branchOf({ branch }: EditForm, { main_branch: main }: RepositoryView): string {
  const name = (branch ?? '').replace(/^refs\/heads\//, '') || main
  if (name.startsWith('-') || !validRefName(HEADS + name) || name.length > 250)
    throw invalid('branch', 'This is not a valid name for a branch.')
  return name
}

function messageOf({ message, files }: EditForm): string {
  if (message?.includes('\0') === true) throw invalid('message', 'The message holds a character that git cannot store.')
  if (message !== undefined && message.length > MESSAGE_MAX) throw invalid('message', 'The message is too long.')
  if (message !== undefined && message.trim() !== '') return message
  const [[path, { content }] = ['', {}], ...more] = files
  if (more.length > 0) return `Change ${files.size} files`
  return path === '' ? 'Start a branch' : content === undefined ? `Delete ${path}` : `Edit ${path}`
}

async function peopleOf(rooms: Rooms, actor: Actor, form: EditForm): Promise<Pick<NewCommit, 'author' | 'committer'>> {
  const now = new Date()
  const when = { timestamp: Math.floor(now.getTime() / 1000), timezoneOffset: now.getTimezoneOffset() }
  const committer = { ...(await committerOf(rooms, actor)), ...when }
  return { committer, author: form.author === undefined ? committer : { ...authorOf(form.author), ...when } }
}

/** In turn, as a thousand files at once would take all descriptors. */
async function stageFiles(stage: Stage, { files }: EditForm): Promise<FileEdit[]> {
  const edits: FileEdit[] = []
  for (const { names, content } of files.values())
    edits.push({ names, ...(content !== undefined && { oid: await stage.addBlob(content) }) })
  return edits
}

/** What the new commit stands on. */
interface Ground {
  /** Of the ref; zeros where the branch is new. */
  oldOid: string
  /** The commit that is edited; none in an empty repository. */
  start: string | undefined
  /** The commit that the caller saw, where it is another one. */
  seen: string | undefined
  parents: string[]
}

async function groundOf(rooms: Rooms, ask: EditAsk, branch: string, form: EditForm): Promise<Ground> {
  const repo = repoOf(rooms, ask.repository)
  const snapshot = await readRefs(rooms.reads, repo)
  const [seen, ...others] = await parentsOf(rooms, ask, form)
  const ref = findRef(snapshot, HEADS + branch)
  if (ref) {
    const start = ref.peeled ?? ref.oid
    return { oldOid: ref.oid, start, seen: seen === start ? undefined : seen, parents: [start, ...others] }
  }
  needFree(snapshot, branch)
  const start = seen ?? mainOf(snapshot, ask.repository)
  return { oldOid: ZERO_OID, start, seen: undefined, parents: start === undefined ? [] : [start, ...others] }
}

async function parentsOf(rooms: Rooms, { repository, signal }: EditAsk, { parents }: EditForm): Promise<string[]> {
  if (parents.length > PARENTS_MAX) throw invalid('parents', `A commit can have ${PARENTS_MAX} parents here.`)
  const found: string[] = []
  for (const parent of parents) {
    if (!isAbbreviated(parent.toLowerCase())) throw invalid('parents', 'A parent is named by the id of its commit.')
    found.push((await resolve(rooms.reads, repoOf(rooms, repository), parent, signal)).oid)
  }
  return found
}

/** Names of branches are folders and files to git: `a` and `a/b` cannot both be. */
function needFree({ refs }: Snapshot, branch: string): void {
  const name = HEADS + branch
  const other = refs.find((ref) => ref.name.startsWith(`${name}/`) || name.startsWith(`${ref.name}/`))
  if (other)
    throw invalid(
      'branch',
      `The branch ${other.name.slice(HEADS.length)} stands in the way: a part of it has this name.`,
    )
}

function mainOf(snapshot: Snapshot, { main_branch: main }: RepositoryView): string | undefined {
  const ref = findRef(snapshot, HEADS + main)
  if (!ref && !isEmpty(snapshot))
    throw invalid('parents', `There is no branch ${main} to begin at. Name the commit that the new branch begins at.`)
  return ref && (ref.peeled ?? ref.oid)
}

/** What others did to other files stays; what they did to the same ones is not overwritten unseen. */
async function needUnchanged(
  rooms: Rooms,
  { repository, signal }: EditAsk,
  { seen, start }: Ground,
  edits: readonly FileEdit[],
): Promise<void> {
  if (seen === undefined || start === undefined) return
  const repo = repoOf(rooms, repository)
  const at = async (commit: string, { names }: FileEdit): Promise<string | undefined> => {
    const entry = await entryAt(rooms.reads, repo, { commit, path: Buffer.from(names.join('/')) }, signal)
    return entry && `${entry.mode} ${entry.oid}`
  }
  const paths: string[] = []
  for (const change of edits) {
    const now = await at(start, change)
    if (now === (await at(seen, change)) || now?.slice(7) === change.oid) continue
    paths.push(change.names.join('/'))
  }
  if (paths.length === 0) return
  const told = paths.slice(0, PATHS_TOLD)
  throw new Fault('edit.conflict', { detail: sentenceOf(paths), data: { paths: told, hash: start } })
}

function sentenceOf(paths: readonly string[]): string {
  const [first = ''] = paths
  const what = paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
  return `Somebody has changed ${what} since you began.`
}

interface Building {
  ground: Ground
  stage: Stage
  edits: readonly FileEdit[]
}

async function treeOf(rooms: Rooms, ask: EditAsk, { ground, stage, edits }: Building): Promise<string> {
  const { repository, signal } = ask
  const repo = repoOf(rooms, repository)
  const { reads } = rooms
  const before = ground.start === undefined ? undefined : (await readCommit(reads, repo, ground.start, signal)).tree
  const all = ground.start === undefined ? edits : await asMoved(rooms, ask, ground.start, edits)
  const tree = await editTree({ reads, repo, stage, signal }, before, all)
  if (tree === before && ground.oldOid !== ZERO_OID && ground.parents.length === 1)
    throw invalid('files', 'This changes nothing: the branch has it all like this.')
  if (before === undefined && edits.length === 0) throw invalid('files', 'Name a file to begin with.')
  return tree
}

/** One file that goes and one that comes are one file under another name: if it could be run, it still can. */
async function asMoved(
  rooms: Rooms,
  { repository, signal }: EditAsk,
  commit: string,
  edits: readonly FileEdit[],
): Promise<readonly FileEdit[]> {
  const [gone, ...others] = edits.filter(({ oid }) => oid === undefined)
  if (edits.length !== 2 || !gone || others.length > 0) return edits
  const at = { commit, path: Buffer.from(gone.names.join('/')) }
  const entry = await entryAt(rooms.reads, repoOf(rooms, repository), at, signal)
  return entry?.kind === 'executable' ? edits.map((one) => ({ ...one, executable: true })) : edits
}

/** Another push is moving the ref at this moment. */
const IN_THE_WAY = /cannot lock ref|Unable to create '.*\.lock'/

async function hasMoved(rooms: Rooms, repository: RepositoryView, { ref, oldOid }: Pushed): Promise<boolean> {
  const now = findRef(await readRefs(rooms.reads, repoOf(rooms, repository)), ref)
  return (now?.oid ?? ZERO_OID) !== oldOid
}

/** In git's words, without the number of an object that nobody has. */
function refusedBy({ reason = '', words }: Pushed): Fault {
  const said = /^error: (?:object [0-9a-f]+: )?(.*)$/m.exec(words)?.[1]
  return new Fault('request.invalid', { detail: `Git refused it: ${said ?? reason}.` })
}
