// A list of repositories with a search box above it.
import { Paper, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Repository } from '../queries.ts'
import { RepositoryRow } from './repository-row.tsx'
import { SearchBox, useSearchText } from './search-box.tsx'
import { Empty } from './states.tsx'

interface Props {
  repositories: Repository[]
  /** What the address says is searched for, and how it is changed. */
  q: string
  onSearch: (text: string) => void
  empty: ReactNode
}

export function RepositoryList({ repositories, q, onSearch, empty }: Props) {
  const [text, setText] = useSearchText(q, onSearch)
  if (repositories.length === 0) return <Paper className="card">{empty}</Paper>
  const wanted = text.trim().toLowerCase()
  const found = repositories.filter((one) => `${one.full_name} ${one.description}`.toLowerCase().includes(wanted))
  return (
    <Stack gap="sm">
      <SearchBox label="Find a repository" value={text} onChange={setText} />
      <Paper className="card">
        {found.map((repository) => (
          <RepositoryRow key={repository.uuid} repository={repository} />
        ))}
        {found.length === 0 && <Empty title={`No repository matches “${text}”.`} />}
      </Paper>
    </Stack>
  )
}
