// Files: a folder as a list with its README, or one file; the address is ref and path.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { Tree } from '../../../../server/contract/source.ts'
import { ApiError } from '../../../api.ts'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import type { Entry } from '../data.ts'
import { useNamed, useRepository } from '../layout.tsx'
import { Crumbs, PathActions } from './crumbs.tsx'
import { EmptyRepository } from './empty.tsx'
import { FileView } from './file.tsx'
import { FolderView } from './folder.tsx'
import { Missing } from './missing.tsx'
import { shownName, treeQuery } from './tree-data.ts'

export function Source() {
  const { repository } = useRepository()
  const address = useNamed()
  if (repository.is_empty) return <EmptyRepository />
  return <Place address={address} />
}

/** The server says where the name of the ref ends and the path begins: names of refs may hold slashes. */
function Place({ address }: { address: string }) {
  const { id } = useRepository()
  const { filter = '' } = useSearch({ strict: false })
  const tree = useInfiniteQuery(treeQuery(id, address, filter))
  const { data, error, refetch } = tree
  const pages = data?.pages ?? []
  const [place] = pages
  if (error && isMissing(error)) return <Missing address={address} />
  if (!place) return error ? <Failure error={error} retry={refetch} /> : <Waiting rows={8} />
  const { path, ref, entry } = place
  return (
    <>
      <Heading place={place} />
      {place.folder ? (
        <FolderView
          key={path}
          pages={pages}
          more={tree.hasNextPage ? () => void tree.fetchNextPage() : undefined}
          filter={filter}
        />
      ) : (
        <FileView entry={entry as unknown as Entry} refName={ref} />
      )}
    </>
  )
}

function Heading({ place }: { place: Tree }) {
  const { repository } = useRepository()
  const { path, ref } = place
  return (
    <PageTitle
      title={path === '' ? repository.full_name : `${shownName(path)} at ${ref}`}
      actions={<PathActions place={place} />}
    >
      <Crumbs refName={ref} path={path} />
    </PageTitle>
  )
}

function isMissing(error: Error): boolean {
  return error instanceof ApiError && error.status === 404
}
