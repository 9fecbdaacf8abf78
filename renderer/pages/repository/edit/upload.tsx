// Several files at once: dropped or chosen, with how far each one is, in one commit.
import { ActionIcon, Button, Group, Paper, Progress, Stack, Text, TextInput } from '@mantine/core'
import { XIcon } from '@primer/octicons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { pathProblem } from '../../../../server/contract/paths.ts'
import { AskToLeave, useLeaving } from '../../../parts/leaving.tsx'
import { ButtonLink } from '../../../parts/link.tsx'
import { sizeText } from '../../../parts/size.ts'
import { PageTitle } from '../../../parts/title.tsx'
import { useSession } from '../../../queries.ts'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { treeQuery } from '../source/tree-data.ts'
import { CommitFailure } from './commit-dialog.tsx'
import { branchFor, CommitFields, newTarget } from './commit-fields.tsx'
import { type Base, commitUploads, conflictOf, useCommitted } from './data.ts'
import { DropZone } from './drop-zone.tsx'
import { Submit } from '../../../parts/save.tsx'

const MOST_BYTES = 100 * 1024 * 1024
const MOST_FILES = 1000

type Folder = Pick<Base, 'commit' | 'branch' | 'path'>

export function Upload({ folder }: { folder: Folder }) {
  const { repository } = useRepository()
  const user = useSession()?.user?.username ?? ''
  const [files, setFiles] = useState<File[]>([])
  const [into, setInto] = useState(folder.path)
  const [target, setTarget] = useState(() => newTarget(user, `upload ${folder.path}`))
  const { commit, sent, stop, leaving } = useUpload({ folder, files, into, target })
  const add = (more: readonly File[]): void => {
    const names = new Set(more.map(({ name }) => name))
    setFiles([...files.filter(({ name }) => !names.has(name)), ...more])
  }
  const there = useNamesThere(folder, into)
  const problem = problemOf(files, into)
  const back = folder.commit === undefined ? '' : `/src/${encoded(folder.branch)}/${encoded(folder.path)}`
  return (
    <>
      <PageTitle title="Upload files" />
      <Stack
        component="form"
        onSubmit={(event) => {
          event.preventDefault()
          commit.mutate(folder.commit)
        }}
      >
        <TextInput
          label="Into the folder"
          description={`On ${folder.branch}. Empty for the root; what is not there yet is made.`}
          value={into}
          onChange={(event) => setInto(event.currentTarget.value)}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          spellCheck={false}
          autoCapitalize="none"
        />
        <DropZone onFiles={add} disabled={commit.isPending} />
        {files.length > 0 && (
          <FileList
            files={files}
            there={there}
            sent={commit.isPending || commit.isSuccess ? sent : undefined}
            onRemove={(file) => setFiles(files.filter((one) => one !== file))}
          />
        )}
        <CommitFields
          branch={folder.branch}
          first={folder.commit === undefined}
          usual={usualMessage(files)}
          target={target}
          onChange={setTarget}
          error={commit.error}
        />
        {problem !== undefined && files.length > 0 && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {problem}
          </Text>
        )}
        <UploadFailure error={commit.error} onReplace={commit.mutate} />
        <Group justify="flex-end">
          {commit.isPending ? (
            <Button variant="default" onClick={stop}>
              Stop
            </Button>
          ) : (
            <ButtonLink to={`/${repository.full_name}${back}`} variant="default">
              Cancel
            </ButtonLink>
          )}
          <Submit busy={commit.isPending} disabled={problem !== undefined}>
            Upload and commit
          </Submit>
        </Group>
      </Stack>
      <AskToLeave leaving={leaving} title="Leave while files are on their way?" button="Stop and leave">
        The upload is stopped then, and nothing of it is stored.
      </AskToLeave>
    </>
  )
}

function usualMessage(files: readonly File[]): string {
  return files.length === 1 ? `Upload ${files[0]?.name}` : `Upload ${files.length} files`
}

function pathIn(into: string, name: string): string {
  const folder = into.replace(/^\/+|\/+$/g, '')
  return folder === '' ? name : `${folder}/${name}`
}

function problemOf(files: readonly File[], into: string): string | undefined {
  if (files.length === 0) return 'Choose a file.'
  if (files.length > MOST_FILES) return `At most ${MOST_FILES.toLocaleString('en')} files fit into one commit here.`
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  if (bytes > MOST_BYTES) return `At most ${sizeText(MOST_BYTES)} fit into one commit here. Push larger files with git.`
  for (const file of files) {
    const problem = pathProblem(pathIn(into, file.name))
    if (problem !== undefined) return `${file.name}: ${problem}`
    // Browsers write these signs of a name in a form as three others, which a name may hold itself.
    if (/%(?:22|0D|0A)/.test(file.name)) return `${file.name}: Rename it first, this name gets lost on its way.`
  }
  return undefined
}

interface Uploading {
  folder: Folder
  files: readonly File[]
  into: string
  target: ReturnType<typeof newTarget>
}

function useUpload({ folder, files, into, target }: Uploading) {
  const { id, repository } = useRepository()
  const client = useQueryClient()
  const navigate = useNavigate()
  const committed = useCommitted()
  const [sent, setSent] = useState(0)
  const going = useRef<AbortController>(undefined)
  useEffect(() => () => going.current?.abort(), [])
  const leaving = useLeaving(() => going.current !== undefined)
  const commit = useMutation({
    /** `parent`: the commit whose files may be replaced. */
    mutationFn: async (parent: string | undefined) => {
      const branch = await branchFor(client, id, folder.branch, target)
      const message = target.message.trim() === '' ? usualMessage(files) : target.message
      const ending = new AbortController()
      going.current = ending
      setSent(0)
      const placed = files.map((file) => ({ path: pathIn(into, file.name), file }))
      const how = { files: placed, onProgress: setSent, signal: ending.signal }
      await commitUploads(id, { message, branch, parent }, how).finally(() => (going.current = undefined))
      return branch
    },
    onSuccess: async (branch) => {
      await committed(id)
      const place = pathIn(into, '').replace(/\/$/, '')
      const at = place === '' ? '' : `/${encoded(place)}`
      await navigate({ to: `/${repository.full_name}/src/${encoded(branch)}${at}` })
    },
  })
  const stop = (): void => going.current?.abort(new Error('The upload was stopped. Nothing was stored.'))
  return { commit, sent, stop, leaving }
}

/** Files of the same names have come or changed meanwhile: they are replaced when that is what is wanted. */
function UploadFailure({ error, onReplace }: { error: unknown; onReplace: (parent: string) => void }) {
  const conflict = conflictOf(error)
  return (
    <>
      <CommitFailure error={error} />
      {conflict && (
        <Group gap="sm">
          <Button size="sm" variant="default" onClick={() => onReplace(conflict.hash)}>
            Put mine in place of theirs
          </Button>
          <Text size="sm" c="dimmed">
            Or commit to a new branch.
          </Text>
        </Group>
      )}
    </>
  )
}

/** Names of what is in the folder already; none where the folder is new. */
function useNamesThere({ commit }: Folder, into: string): Set<string> {
  const { id } = useRepository()
  const query = treeQuery(id, `${commit ?? ''}/${pathIn(into, '')}`, '')
  const { data } = useInfiniteQuery({ ...query, enabled: commit !== undefined, retry: false })
  return new Set(data?.pages.flatMap(({ folder }) => folder?.entries.map(({ name }) => name) ?? []))
}

interface FileListProps {
  files: readonly File[]
  /** Names that are taken: such a file is replaced. */
  there: ReadonlySet<string>
  /** Bytes on their way, of the files in their order; undefined before they are sent. */
  sent: number | undefined
  onRemove: (file: File) => void
}

function FileList({ files, there, sent, onRemove }: FileListProps) {
  const starts = files.map((_file, i) => files.slice(0, i).reduce((sum, { size }) => sum + size, 0))
  return (
    <Paper className="card" component="ul" m={0} p={0} aria-label="Files to upload" style={{ listStyle: 'none' }}>
      {files.map((file, i) => {
        const part = sent === undefined ? 0 : partOf(file, sent - (starts[i] ?? 0))
        return (
          <Group key={file.name} component="li" className="row" px="md" py="xs" gap="sm" wrap="nowrap">
            <Stack gap={4} style={{ flex: 1, minWidth: 0 }}>
              <Group justify="space-between" gap="sm" wrap="nowrap">
                <Text size="sm" truncate>
                  {file.name}
                </Text>
                <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {there.has(file.name) && 'replaces the one there · '}
                  {sizeText(file.size)}
                </Text>
              </Group>
              {sent !== undefined && (
                <Progress value={part * 100} size="sm" aria-label={`How much of ${file.name} is sent`} />
              )}
            </Stack>
            {sent === undefined && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Leave out ${file.name}`}
                onClick={() => onRemove(file)}
              >
                <XIcon />
              </ActionIcon>
            )}
          </Group>
        )
      })}
    </Paper>
  )
}

/** One after the other, as they stand in the form; an empty file is there when its turn comes. */
function partOf({ size }: File, sent: number): number {
  if (size === 0) return sent > 0 ? 1 : 0
  return Math.min(Math.max(sent / size, 0), 1)
}
