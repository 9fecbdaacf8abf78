// The addresses under which files are edited and made: who may, and what is there to begin with.
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Paper } from '@mantine/core'
import { ButtonLink } from '../../../parts/link.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { useSession } from '../../../queries.ts'
import { encoded, type Id } from '../data.ts'
import { useNamed, useRepository } from '../layout.tsx'
import { type Base, branchQuery, loadBase, loadFolder } from './data.ts'
import { Editing } from './editing.tsx'
import { Upload } from './upload.tsx'

/** Asked once: what is pushed meanwhile changes nothing under the hands of whoever types. */
const once = <T,>(id: Id, what: string, load: (signal: AbortSignal) => Promise<T>) =>
  queryOptions({
    queryKey: ['begun', `${id.workspace}/${id.repo}`, what],
    queryFn: ({ signal }) => load(signal),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  })

export function EditFile() {
  const { id } = useRepository()
  const address = useNamed()
  const { data, error, refetch } = useQuery(once(id, `file ${address}`, (signal) => loadBase(id, address, signal)))
  return (
    <Allowed title="Edit" branch={data?.branch} error={error} retry={refetch}>
      {data && <Editing key={address} base={data} isNew={false} />}
    </Allowed>
  )
}

export function NewFile() {
  const { data, error, refetch, address } = useFolder()
  const base: Base | undefined = data && { ...data, text: '', mark: false, lineBreak: '\n' }
  return (
    <Allowed title="New file" branch={data?.branch} error={error} retry={refetch}>
      {base && <Editing key={address} base={base} isNew />}
    </Allowed>
  )
}

export function UploadFiles() {
  const { data, error, refetch, address } = useFolder()
  return (
    <Allowed title="Upload files" branch={data?.branch} error={error} retry={refetch}>
      {data && <Upload key={address} folder={data} />}
    </Allowed>
  )
}

/** In a repository without commits it is the branch that comes into being with the first one. */
function useFolder() {
  const { id, repository } = useRepository()
  const address = useNamed()
  const first = { commit: undefined, branch: repository.main_branch, path: '' }
  const begin = once(id, `folder ${address}`, (signal) =>
    repository.is_empty ? Promise.resolve(first) : loadFolder(id, address, signal),
  )
  return { ...useQuery(begin), address }
}

interface AllowedProps {
  title: string
  branch: string | undefined
  error: Error | null
  retry: () => unknown
  children: ReactNode
}

function Allowed({ title, branch, error, retry, children }: AllowedProps) {
  const { id, repository } = useRepository()
  const asked = { ...branchQuery(id, branch ?? ''), enabled: branch !== undefined && !repository.is_empty }
  const tip = useQuery(asked).data
  const session = useSession()
  const may = repository.permission === 'write' || repository.permission === 'admin'
  if (!may) return <No title={title} why="You may read this repository, but not change it." />
  if (error) return <Failure error={error} retry={retry} />
  if (branch === undefined || !session) return <Waiting rows={8} />
  if (tip === null) return <No title={title} why={`${branch} is no branch. Choose one to commit to.`} at={branch} />
  return children
}

function No({ title, why, at }: { title: string; why: string; at?: string }) {
  const { repository } = useRepository()
  return (
    <>
      <PageTitle title={title} />
      <Paper className="card">
        <Empty title={why}>
          <ButtonLink to={`/${repository.full_name}${at === undefined ? '' : `/src/${encoded(at)}`}`} variant="default">
            Back to the files
          </ButtonLink>
        </Empty>
      </Paper>
    </>
  )
}
