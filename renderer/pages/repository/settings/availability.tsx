// For admins of the server: whether the repository is open, read-only or switched off, and what people read meanwhile.
import { Radio, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Mode, Quarantine } from '../../../../server/contract/quarantine.ts'
import { call, OWN, path } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { Section } from '../../../parts/section.tsx'
import { Save } from '../../../parts/save.tsx'
import { Failure, fieldError, FormFailure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { repositoryQuery } from '../../../queries.ts'
import { useRepository } from '../layout.tsx'

const CHOICES: { mode: Mode; label: string; description: string }[] = [
  { mode: 'open', label: 'Open', description: 'As its permissions say.' },
  {
    mode: 'read-only',
    label: 'Read-only',
    description: 'Reading goes on. Pushes and all other changes are refused, with your reason.',
  },
  {
    mode: 'off',
    label: 'Switched off',
    description: 'Everything is refused, with your reason: clones, pages and the API. Only this page stays.',
  },
]

const addressOf = (id: { workspace: string; repo: string }): string =>
  `${OWN}${path('repositories', id.workspace, id.repo)}/quarantine`

export function Availability() {
  const { id } = useRepository()
  const { data, error, refetch } = useQuery({
    queryKey: ['quarantine', id.workspace, id.repo],
    queryFn: ({ signal }) => call<Quarantine>('GET', addressOf(id), undefined, signal),
  })
  return (
    <>
      <PageTitle title="Availability" />
      <Section title="What is open">
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting rows={3} />}
        {data && <Choice now={data} />}
      </Section>
    </>
  )
}

function Choice({ now }: { now: Quarantine }) {
  const { repository, id } = useRepository()
  const [mode, setMode] = useState<Mode>(now.mode)
  const [reason, setReason] = useState(now.reason)
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => call<Quarantine>('PUT', addressOf(id), { mode, ...(mode === 'open' ? {} : { reason }) }),
    onSuccess: async (next) => {
      setAsking(false)
      setReason(next.reason)
      client.setQueryData(['quarantine', id.workspace, id.repo], next)
      await client.invalidateQueries(repositoryQuery(id.workspace, id.repo))
      await client.invalidateQueries({ queryKey: ['repositories'] })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (mode === 'off' && now.mode !== 'off') setAsking(true)
    else save.mutate()
  }
  return (
    <>
      <form onSubmit={submit}>
        <Stack>
          <Radio.Group
            label="This repository is"
            value={mode}
            onChange={(value) => {
              save.reset()
              setMode(value)
            }}
          >
            <Stack gap="sm" mt="xs">
              {CHOICES.map(({ mode: value, ...choice }) => (
                <Radio key={value} value={value} {...choice} />
              ))}
            </Stack>
          </Radio.Group>
          {mode !== 'open' && (
            <TextInput
              label="Reason"
              description="Everybody who is refused reads it, in the browser and in their git client."
              placeholder="The disk is being replaced until noon."
              required
              maxLength={200}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              error={fieldError(save.error, 'reason')}
            />
          )}
          {!asking && <FormFailure error={save.error} />}
          <Save save={{ isPending: save.isPending && !asking, isSuccess: save.isSuccess }} />
        </Stack>
      </form>
      <Confirm
        opened={asking}
        title="Switch the repository off?"
        button="Switch off"
        busy={save.isPending}
        error={save.error}
        onConfirm={save.mutate}
        onClose={() => setAsking(false)}
      >
        Nobody can clone, push to or look at <b>{repository.full_name}</b> until you open it again. Nothing is deleted.
      </Confirm>
    </>
  )
}
