// Chooses a branch or a tag of the repository.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { refsQuery } from './data.ts'
import { useRepository } from './layout.tsx'

export function RefPicker({ refName, onPick }: { refName: string; onPick: (name: string) => void }) {
  const { id } = useRepository()
  const branches = useQuery(refsQuery(id, 'branches')).data ?? []
  const tags = useQuery(refsQuery(id, 'tags')).data ?? []
  const names = [...branches, ...tags].map(({ name }) => name)
  const data = [
    { group: 'Branches', items: branches.map(({ name }) => name) },
    {
      group: 'Tags',
      items: tags.map(({ name }) => name).filter((name) => !branches.some((branch) => branch.name === name)),
    },
    ...(names.includes(refName) || refName === '' ? [] : [{ group: 'Commit', items: [refName] }]),
  ]
  return (
    <Select
      aria-label="Branch or tag"
      searchable
      allowDeselect={false}
      data={data}
      value={refName === '' ? null : refName}
      placeholder="Branch or tag"
      onChange={(name) => name !== null && onPick(name)}
      maw={260}
      nothingFoundMessage="No such branch or tag"
    />
  )
}
