// Commits of a branch, a tag or a commit, all of them or those that fit.
import { Button } from '@mantine/core'
import { FilterIcon } from '@primer/octicons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ButtonLink } from '../../../parts/link.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { encoded } from '../data.ts'
import { useNamed, useRepository } from '../layout.tsx'
import { RefPicker } from '../ref-picker.tsx'
import { CommitList } from './commit-list.tsx'
import type { Filters } from './data.ts'
import { FilterForm, FilterSummary, isNarrowed } from './filters.tsx'

export function Commits() {
  const { repository } = useRepository()
  const revision = useNamed()
  const navigate = useNavigate()
  const filters: Filters = useSearch({ strict: false })
  const [asking, setAsking] = useState(false)
  const narrowed = isNarrowed(filters)
  const base = `/${repository.full_name}`
  const aside = revision === repository.main_branch ? '' : `${encoded(revision)}..${encoded(repository.main_branch)}`
  return (
    <>
      <PageTitle
        title="Commits"
        actions={
          <>
            <RefPicker
              refName={revision}
              onPick={(name) => void navigate({ to: `${base}/commits/${encoded(name)}`, search: { ...filters } })}
            />
            <Button
              variant="default"
              leftSection={<FilterIcon />}
              aria-expanded={asking}
              onClick={() => setAsking(!asking)}
            >
              Filter
            </Button>
            <ButtonLink to={`${base}/compare/${aside}`} variant="default">
              Compare
            </ButtonLink>
          </>
        }
      />
      {/* Back and forward change the address under the form, which begins anew then. */}
      {asking && <FilterForm key={JSON.stringify(filters)} filters={filters} onDone={() => setAsking(false)} />}
      {narrowed && <FilterSummary filters={filters} />}
      <CommitList
        range={{ of: revision }}
        filters={filters}
        graph={!narrowed}
        empty={narrowed ? 'No commit fits all of this.' : 'There are no commits here.'}
      />
    </>
  )
}
