// Chooses a branch or a tag of the repository, found among however many there are.
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { refSearchQuery } from './data.ts'
import { useRepository } from './layout.tsx'

const PAUSE_MS = 200

export function RefPicker({ refName, onPick }: { refName: string; onPick: (name: string) => void }) {
  const { id } = useRepository()
  const [text, setText] = useState('')
  // What is chosen already is no search.
  const [wanted] = useDebouncedValue(text === refName ? '' : text.trim(), PAUSE_MS)
  const { data: found = [] } = useQuery({ ...refSearchQuery(id, wanted), placeholderData: keepPreviousData })
  const names = (type: 'branch' | 'tag'): string[] => found.filter((ref) => ref.type === type).map(({ name }) => name)
  const branches = names('branch')
  const tags = names('tag').filter((name) => !branches.includes(name))
  const here = refName === '' || [...branches, ...tags].includes(refName) ? [] : [refName]
  return (
    <Select
      aria-label="Branch or tag"
      searchable
      allowDeselect={false}
      data={[
        ...(here.length > 0 ? [{ group: 'Here', items: here }] : []),
        { group: 'Branches', items: branches },
        { group: 'Tags', items: tags },
      ]}
      filter={({ options }) => options}
      value={refName === '' ? null : refName}
      placeholder="Branch or tag"
      onSearchChange={setText}
      // What is typed takes the place of the name that stands there.
      onFocus={(event) => event.currentTarget.select()}
      onClick={(event) => event.currentTarget.select()}
      onChange={(name) => name !== null && onPick(name)}
      maw={260}
      nothingFoundMessage="No such branch or tag"
    />
  )
}
