// The branches and tags whose names hold what is typed, asked for when the typing rests.
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { refSearchQuery } from './data.ts'
import { useRepository } from './layout.tsx'

const PAUSE_MS = 200

/** `chosen`: the name that stands there already, which is no search. A tag that is called like a branch is left out. */
export function useFoundRefs(text: string, chosen: string): { branches: string[]; tags: string[] } {
  const { id } = useRepository()
  const [wanted] = useDebouncedValue(text === chosen ? '' : text.trim(), PAUSE_MS)
  const { data: found = [] } = useQuery({ ...refSearchQuery(id, wanted), placeholderData: keepPreviousData })
  const names = (type: 'branch' | 'tag'): string[] => found.filter((ref) => ref.type === type).map(({ name }) => name)
  const branches = names('branch')
  return { branches, tags: names('tag').filter((name) => !branches.includes(name)) }
}
