// What a token may do: the scopes in the words of people, to choose from and to read.
import { Autocomplete, Checkbox, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Scope } from '../../server/contract/names.ts'
import { repositoriesQuery } from '../queries.ts'

const WORDS: Record<Scope, string> = {
  repository: 'Read repositories: clone and fetch',
  'repository:write': 'Write repositories: push',
  'repository:admin': 'Create repositories and change their settings',
  'repository:delete': 'Delete repositories',
  account: 'Read the account and its workspaces',
  'account:write': 'Change the name that others see',
  project: 'Read projects',
  'project:admin': 'Change projects',
  pullrequest: 'Read pull requests',
  'pullrequest:write': 'Open and change pull requests',
  webhook: 'Manage webhooks',
  metrics: 'Read the measures of the server, as Prometheus does (admins)',
}

/** Those that there is something to do with, in the order in which they are offered. */
const OFFERED: Scope[] = [
  'repository',
  'repository:write',
  'repository:admin',
  'repository:delete',
  'account',
  'project',
  'webhook',
  'metrics',
]

export function scopeWords(scope: string): string {
  return WORDS[scope as Scope] ?? scope
}

interface ScopesProps {
  value: string[]
  onChange: (value: string[]) => void
  error: string | undefined
}

/** Scopes that were chosen elsewhere and are not offered here stay chosen. */
export function ScopeChoice({ value, onChange, error }: ScopesProps) {
  const shown = [...OFFERED, ...(value as Scope[]).filter((scope) => !OFFERED.includes(scope))]
  return (
    <Checkbox.Group label="What it may do" value={value} onChange={onChange} error={error}>
      <Stack gap="xs" mt="xs">
        {shown.map((scope) => (
          <Checkbox key={scope} value={scope} label={scopeWords(scope)} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}

interface OnlyProps {
  value: string
  onChange: (value: string) => void
  error: string | undefined
  enabled: boolean
}

/** The one repository that a token shall open, or an empty text for all. */
export function OnlyRepository({ value, onChange, error, enabled }: OnlyProps) {
  const names = useQuery({ ...repositoriesQuery(), enabled }).data?.map((one) => one.full_name) ?? []
  return (
    <Autocomplete
      label="Only for one repository"
      placeholder="workspace/repository"
      description="Empty: for all that you can reach."
      data={names}
      limit={8}
      value={value}
      onChange={onChange}
      error={error}
    />
  )
}
