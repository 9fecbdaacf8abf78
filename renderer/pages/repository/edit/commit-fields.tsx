// What every commit from a page is asked for: a message, and the branch that it goes to.
import { Radio, Stack, Textarea, TextInput } from '@mantine/core'
import type { QueryClient } from '@tanstack/react-query'
import { fieldError } from '../../../parts/states.tsx'
import type { Id } from '../data.ts'
import { branchQuery } from './data.ts'

export interface Target {
  message: string
  onto: 'same' | 'new'
  /** Of the new branch. */
  name: string
}

/** A name that says who and what: `ada/edit-readme`. */
export function newTarget(user: string, what: string): Target {
  const slug = what
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  return { message: '', onto: 'same', name: `${user}/${slug || 'edit'}` }
}

/** Where the commit goes. Throws in words where a new branch is wished for and there is one of this name. */
export async function branchFor(client: QueryClient, id: Id, branch: string, target: Target): Promise<string> {
  if (target.onto === 'same') return branch
  const there = await client.fetchQuery({ ...branchQuery(id, target.name), staleTime: 0 })
  if (there !== null) throw new Error(`There is a branch ${target.name} already. Choose another name.`)
  return target.name
}

interface Props {
  branch: string
  target: Target
  onChange: (target: Target) => void
  /** What the commit says where nothing is written. */
  usual: string
  error: unknown
  /** The first commit has no branch to leave alone. */
  first?: boolean
}

export function CommitFields({ branch, target, onChange, usual, error, first = false }: Props) {
  return (
    <Stack gap="sm">
      <Textarea
        label="Message"
        placeholder={usual}
        description="The first line is the title."
        autosize
        minRows={2}
        maxRows={8}
        data-autofocus
        value={target.message}
        onChange={(event) => onChange({ ...target, message: event.currentTarget.value })}
        error={fieldError(error, 'message')}
      />
      {!first && (
        <Radio.Group
          label="Commit to"
          value={target.onto}
          onChange={(onto) => onChange({ ...target, onto: onto === 'new' ? 'new' : 'same' })}
        >
          <Stack gap={6} mt={6}>
            <Radio value="same" label={branch} />
            <Radio value="new" label="A new branch" />
          </Stack>
        </Radio.Group>
      )}
      {target.onto === 'new' && (
        <TextInput
          label="Name of the new branch"
          required
          value={target.name}
          onChange={(event) => onChange({ ...target, name: event.currentTarget.value })}
          error={fieldError(error, 'branch')}
        />
      )}
    </Stack>
  )
}
