// The night: when it begins, what the last one found, and how much each disk keeps free unless it says otherwise.
import { Badge, Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Storage } from '../../../../server/contract/storage.ts'
import { call, OWN } from '../../../api.ts'
import { useChange } from '../../../parts/own.ts'
import { Saved, Submit } from '../../../parts/save.tsx'
import { fieldError, FormFailure } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { Section } from './page.tsx'

const HOURS = Array.from({ length: 24 }, (_unused, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}))

export function Care({ storage }: { storage: Storage }) {
  const check = useChange('admin/storage')
  const { night } = storage
  const under = night.state === 'running' || night.state === 'waiting'
  return (
    <Section
      title="Nightly care"
      actions={
        <Button
          size="xs"
          variant="default"
          loading={check.isPending}
          disabled={under}
          onClick={() => check.mutate({ method: 'POST', path: '/checks', body: {} })}
        >
          Check all now
        </Button>
      }
    >
      <Paper className="card" p="md">
        <Stack gap="md">
          <Stack gap={2}>
            <Group gap="xs">
              {under && (
                <Badge size="sm" color="blue" variant="light" tt="none">
                  under way
                </Badge>
              )}
              <Text>{night.words === '' ? words(night.state) : night.words}</Text>
            </Group>
            <Text size="sm" c="dimmed">
              {night.finished_on !== null && (
                <>
                  ended <Time iso={night.finished_on} />.{' '}
                </>
              )}
              {night.next_on !== null && <>Next on {new Date(night.next_on).toLocaleString()}.</>}
            </Text>
          </Stack>
          <FormFailure error={check.error} />
          <Settings stored={storage.settings} />
        </Stack>
      </Paper>
    </Section>
  )
}

function words(state: Storage['night']['state']): string {
  if (state === null)
    return 'There was no night yet. Every object of every repository is read, and each is packed anew.'
  return state === 'waiting' ? 'It begins in a moment.' : 'It goes from repository to repository.'
}

function Settings({ stored }: { stored: Storage['settings'] }) {
  const [hour, setHour] = useState(String(stored.night_hour))
  const [reserve, setReserve] = useState(stored.reserve)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      call('PUT', `${OWN}/settings`, { storage: { night_hour: Number(hour), reserve: reserve.trim() } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['own'] }),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Group align="flex-start" gap="md">
        <NativeSelect
          label="Begins at"
          description="By the server's clock"
          data={HOURS}
          value={hour}
          onChange={(event) => setHour(event.currentTarget.value)}
        />
        <TextInput
          label="Kept free on each disk"
          description="As 10 GB, as 5 %, or auto: 5 %, 2 GB at most"
          value={reserve}
          onChange={(event) => setReserve(event.currentTarget.value)}
          error={fieldError(save.error, 'storage')}
          style={{ flex: 1, minWidth: 220 }}
        />
      </Group>
      <FormFailure error={save.error} />
      <Group mt="md">
        <Submit size="xs" busy={save.isPending}>
          Save
        </Submit>
        {save.isSuccess && <Saved />}
      </Group>
    </form>
  )
}
