// Files: a folder as a list with its README, or one file; the address is ref and path.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
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
  const { id, repository } = useRepository()
  const { filter = '' } = useSearch({ strict: false })
  const tree = useInfiniteQuery(treeQuery(id, address, filter))
  const { data, error, refetch } = tree
  const [place] = data?.pages ?? []
  if (error && isMissing(error)) return <Missing address={address} />
  if (error && !place) return <Failure error={error} retry={refetch} />
  if (!place) return <Waiting rows={8} />
  const { path, ref, entry } = place
  return (
    <>
      <PageTitle
        title={path === '' ? repository.full_name : `${shownName(path)} at ${ref}`}
        actions={<PathActions place={place} />}
      >
        <Crumbs refName={ref} path={path} />
      </PageTitle>
      {place.folder ? (
        <FolderView
          key={path}
          pages={data?.pages ?? []}
          more={tree.hasNextPage ? () => void tree.fetchNextPage() : undefined}
          filter={filter}
        />
      ) : (
        <FileView entry={entry as unknown as Entry} refName={ref} />
      )}
    </>
  )
}

function isMissing(error: Error): boolean {
  return error instanceof ApiError && error.status === 404
}
