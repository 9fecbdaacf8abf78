// Names a revision: a branch or a tag found among however many there are, or whatever a person types for a commit.
import { Autocomplete } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { refSearchQuery } from '../data.ts'
import { useRepository } from '../layout.tsx'

const PAUSE_MS = 200

interface Props {
  label: string
  value: string
  error?: string | undefined
  onPick: (name: string) => void
}

export function RevisionPicker({ label, value, error, onPick }: Props) {
  const { id } = useRepository()
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // Swapped, or gone back: the address changed, not this box.
    setKnown(value)
    setText(value)
  }
  // What is chosen already is no search.
  const [wanted] = useDebouncedValue(text === value ? '' : text.trim(), PAUSE_MS)
  const { data = [] } = useQuery({ ...refSearchQuery(id, wanted), placeholderData: keepPreviousData })
  const names = (type: 'branch' | 'tag'): string[] => data.filter((ref) => ref.type === type).map(({ name }) => name)
  const branches = names('branch')
  const pick = (name: string): void => {
    if (name.trim() !== '' && name.trim() !== value) onPick(name.trim())
  }
  return (
    <Autocomplete
      label={label}
      placeholder="Branch, tag or commit"
      value={text}
      error={error}
      onChange={setText}
      onOptionSubmit={pick}
      onKeyDown={(event) => event.key === 'Enter' && pick(text)}
      onBlur={() => pick(text)}
      filter={({ options }) => options}
      data={[
        { group: 'Branches', items: branches },
        { group: 'Tags', items: names('tag').filter((name) => !branches.includes(name)) },
      ]}
      limit={40}
      maxDropdownHeight={280}
      style={{ flex: '1 1 220px' }}
    />
  )
}
