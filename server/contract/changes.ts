// The wire shapes of our own resources about changes: what a comparison changes, patches of its files, how two commits
// stand to each other, and which refs name or contain a commit.
import { z } from 'zod'

/** Why a page shows a file folded at first, and what says so: its name, or the repository's .gitattributes. */
export const Folded = z.object({
  why: z.enum(['generated', 'vendored', 'not-diffed']),
  by: z.enum(['name', 'attributes']),
})
export type Folded = z.infer<typeof Folded>

/** `old` and `new`: its path on either side, null where it is not there. Lines are null where they mean nothing. */
export const ChangedFile = z.object({
  status: z.enum(['added', 'removed', 'modified', 'renamed', 'copied', 'retyped']),
  old: z.string().nullable(),
  new: z.string().nullable(),
  old_mode: z.string(),
  new_mode: z.string(),
  added: z.number().nullable(),
  removed: z.number().nullable(),
  is_binary: z.boolean(),
  folded: Folded.nullable(),
})
export type ChangedFile = z.infer<typeof ChangedFile>

/** GET …/changes/{spec}. `counted`: the lines of each file are known. `size`: of all files, or null where they were not counted. */
export const ChangeList = z.object({
  from: z.string().nullable(),
  to: z.string(),
  size: z.number().nullable(),
  counted: z.boolean(),
  files: z.array(ChangedFile),
})
export type ChangeList = z.infer<typeof ChangeList>

/** GET …/patches/{spec}: `text` is git's patch of this file, null where it did not fit; `cut`: it ends before its end. */
export const FilePatches = z.object({
  files: z.array(
    z.object({ old: z.string().nullable(), new: z.string().nullable(), text: z.string().nullable(), cut: z.boolean() }),
  ),
})
export type FilePatches = z.infer<typeof FilePatches>

/** GET …/lines/{commit}/{path}: some lines of a file, and how many there are. */
export const FileLines = z.object({ from: z.number(), size: z.number(), lines: z.array(z.string()) })
export type FileLines = z.infer<typeof FileLines>

const Side = z.object({ hash: z.string(), kind: z.enum(['branch', 'tag', 'ref', 'commit']) })

/** GET …/compare/{source}..{destination}: what the source has more and less. `merge_base` is null without common history. */
export const Compared = z.object({
  source: Side,
  destination: Side,
  ahead: z.number(),
  behind: z.number(),
  merge_base: z.string().nullable(),
  same: z.boolean(),
})
export type Compared = z.infer<typeof Compared>

const Names = z.object({ names: z.array(z.string()), size: z.number() })

/** Branches and tags of one commit: the first of them, and how many there are. */
export const RefsOfCommit = z.object({ branches: Names, tags: Names })
export type RefsOfCommit = z.infer<typeof RefsOfCommit>

/** GET …/labels: the refs that name these commits. Commits without any are left out. */
export const Labels = z.object({ labels: z.record(z.string(), RefsOfCommit) })
export type Labels = z.infer<typeof Labels>
