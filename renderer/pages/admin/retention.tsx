// How long events are kept: for ever unless an admin says otherwise, as what goes is gone for good.
import { Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Retention } from '../../../server/contract/events.ts'
import { call, OWN } from '../../api.ts'
import { Submit } from '../../parts/save.tsx'
import { Failure, FormFailure, Waiting } from '../../parts/states.tsx'

const KEY = ['own', 'admin/audit/retention']
const CHOICES = [
  { value: '', label: 'For ever' },
  { value: '3650', label: '10 years' },
  { value: '1095', label: '3 years' },
  { value: '365', label: '1 year' },
  { value: '90', label: '90 days' },
  { value: '30', label: '30 days' },
]

export function RetentionButton() {
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Button size="sm" variant="default" onClick={() => setOpened(true)}>
        Retention
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="How long events are kept" centered>
        {opened && <Stored onClose={() => setOpened(false)} />}
      </Modal>
    </>
  )
}

function Stored({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<Retention>('GET', `${OWN}/admin/audit/retention`, undefined, signal),
  })
  if (error) return <Failure error={error} retry={refetch} />
  return data ? <Form stored={data} onClose={onClose} /> : <Waiting rows={2} />
}

function Form({ stored, onClose }: { stored: Retention; onClose: () => void }) {
  const now = stored.days === null ? '' : String(stored.days)
  const [days, setDays] = useState(now)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      call<Retention>('PUT', `${OWN}/admin/audit/retention`, { days: days === '' ? null : Number(days) }),
    onSuccess: (answer) => {
      client.setQueryData(KEY, answer)
      void client.invalidateQueries({ queryKey: ['own', 'admin/audit'] })
      onClose()
    },
  })
  const choices = CHOICES.some(({ value }) => value === now)
    ? CHOICES
    : [...CHOICES, { value: now, label: `${now} days` }]
  const less = days !== '' && (stored.days === null || Number(days) < stored.days)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack>
        <Text size="sm">
          The log is only added to: the database refuses to change or remove an event. Only this setting lets old ones
          go, and each change of it is an event too.
        </Text>
        <NativeSelect
          label="Keep events"
          data={choices}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        {less && <Text size="sm">Events older than {days} days are removed for good within the hour.</Text>}
        <FormFailure error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Submit busy={save.isPending} {...(less && { color: 'red' })} disabled={days === now}>
            {less ? 'Remove older events' : 'Save'}
          </Submit>
        </Group>
      </Stack>
    </form>
  )
}
