// Chooses a branch or a tag of the repository, found among however many there are.
import { Select } from '@mantine/core'
import { useState } from 'react'
import { useFoundRefs } from './found-refs.ts'

export function RefPicker({ refName, onPick }: { refName: string; onPick: (name: string) => void }) {
  const [text, setText] = useState('')
  const { branches, tags } = useFoundRefs(text, refName)
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
