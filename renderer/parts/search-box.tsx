// Searching in a list: what is typed is shown and used at once, the address follows when the typing pauses.
import { TextInput } from '@mantine/core'
import { SearchIcon } from '@primer/octicons-react'
import { useEffect, useRef, useState } from 'react'

const PAUSE_MS = 250

/**
 * The text of a search box whose lasting place is the address. The router answers late: a box that showed the address
 * itself would lose letters to fast typing.
 */
export function useSearchText(inAddress: string, write: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(inAddress)
  const known = useRef(inAddress)
  const writer = useRef(write)
  useEffect(() => {
    writer.current = write
  }, [write])
  useEffect(() => {
    if (inAddress === known.current) return
    // Back, forward or a link changed the address, not this box.
    known.current = inAddress
    setText(inAddress)
  }, [inAddress])
  useEffect(() => {
    if (text === known.current) return
    const timer = setTimeout(() => {
      known.current = text
      writer.current(text)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText]
}

export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (text: string) => void
}) {
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<SearchIcon />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
