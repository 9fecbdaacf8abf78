// Names a revision: a branch or a tag found among however many there are, or whatever a person types for a commit.
import { Autocomplete } from '@mantine/core'
import { useState } from 'react'
import { useFoundRefs } from '../found-refs.ts'

interface Props {
  label: string
  value: string
  error?: string | undefined
  onPick: (name: string) => void
}

export function RevisionPicker({ label, value, error, onPick }: Props) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const [open, setOpen] = useState(false)
  if (known !== value) {
    // Swapped, or gone back: the address changed, not this box.
    setKnown(value)
    setText(value)
  }
  const { branches, tags } = useFoundRefs(text, value)
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
      dropdownOpened={open}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        pick(text)
        // The list is of no use any more, and would hide what comes of it.
        setOpen(false)
      }}
      onBlur={() => pick(text)}
      filter={({ options }) => options}
      data={[
        { group: 'Branches', items: branches },
        { group: 'Tags', items: tags },
      ]}
      limit={40}
      maxDropdownHeight={280}
      style={{ flex: '1 1 220px' }}
    />
  )
}
