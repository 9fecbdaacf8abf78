// The webhooks of a repository or of a workspace: list, form, and the log of what each sent.
import {
  Badge,
  Button,
  Checkbox,
  Group,
  Modal,
  Paper,
  PasswordInput,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Hook, HookChange } from '../../server/contract/hooks.ts'
import { call, callAll, OWN } from '../api.ts'
import { Confirm } from './confirm.tsx'
import { HookLog } from './hook-log.tsx'
import { Submit } from './save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from './states.tsx'

interface HookEvent {
  event: string
  label: string
  description: string
}

/** `place`: the path of the repository or workspace in the API, for example `repositories/team/shop`. */
export function Hooks({ place, subject }: { place: string; subject: 'repository' | 'workspace' }) {
  const key = ['hooks', place]
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => callAll<Hook>(`/2.0/${place}/hooks`, 500, signal),
  })
  const [edited, setEdited] = useState<Hook | 'new'>()
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" size="sm">
          Other programs are told over HTTP when something happens here.
        </Text>
        <Button size="sm" leftSection={<PlusIcon />} onClick={() => setEdited('new')}>
          Add a webhook
        </Button>
      </Group>
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} />}
      {data && (
        <Paper className="card">
          {data.length === 0 && <Empty title="No webhook yet" />}
          {data.map((hook) => (
            <Row key={hook.uuid} hook={hook} place={place} onEdit={() => setEdited(hook)} />
          ))}
        </Paper>
      )}
      <Modal
        opened={edited !== undefined}
        onClose={() => setEdited(undefined)}
        title={edited === 'new' ? 'Add a webhook' : 'Change the webhook'}
        centered
      >
        {edited !== undefined && (
          <Form
            stored={edited === 'new' ? undefined : edited}
            place={place}
            subject={subject}
            onDone={() => setEdited(undefined)}
          />
        )}
      </Modal>
    </Stack>
  )
}

function hookPath(place: string, hook: Hook): string {
  return `${place}/hooks/${encodeURIComponent(hook.uuid)}`
}

function Row({ hook, place, onEdit }: { hook: Hook; place: string; onEdit: () => void }) {
  const [open, setOpen] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const client = useQueryClient()
  const own = `${OWN}/${hookPath(place, hook)}`
  const test = useMutation({
    mutationFn: () => call('POST', `${own}/test`),
    onSuccess: () => {
      setOpen(true)
      return client.invalidateQueries({ queryKey: ['deliveries', own] })
    },
  })
  const remove = useMutation({
    mutationFn: () => call('DELETE', `/2.0/${hookPath(place, hook)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['hooks', place] }),
  })
  return (
    <Stack className="row" px="md" py="sm" gap="xs">
      <Group gap="xs" align="flex-start">
        <Stack gap={2} style={{ flex: 1, minWidth: 220 }}>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {hook.description === '' ? hook.url : hook.description}
            </Text>
            {!hook.active && (
              <Badge size="sm" color="gray" variant="light" tt="none">
                off
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {hook.description === '' ? '' : `${hook.url} · `}
            {hook.events.join(', ')}
            {hook.secret_set && ' · signed'}
          </Text>
        </Stack>
        <Group gap={4}>
          <Button size="xs" variant="default" onClick={() => test.mutate()} loading={test.isPending}>
            Send a test
          </Button>
          <Button size="xs" variant="default" onClick={() => setOpen(!open)} aria-expanded={open}>
            Deliveries
          </Button>
          <Button size="xs" variant="default" onClick={onEdit}>
            Edit
          </Button>
          <Button size="xs" variant="subtle" color="red" onClick={() => setLeaving(true)}>
            Remove
          </Button>
        </Group>
      </Group>
      <FormFailure error={test.error} />
      {open && <HookLog own={own} />}
      <Confirm
        opened={leaving}
        title="Remove the webhook?"
        button="Remove"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={remove.mutate}
        onClose={() => setLeaving(false)}
      >
        <b>{hook.url}</b> is told of nothing any more, and the log of its deliveries goes away.
      </Confirm>
    </Stack>
  )
}

interface FormProps {
  stored: Hook | undefined
  place: string
  subject: 'repository' | 'workspace'
  onDone: () => void
}

function Form({ stored, place, subject, onDone }: FormProps) {
  const [url, setUrl] = useState(stored?.url ?? '')
  const [description, setDescription] = useState(stored?.description ?? '')
  const [active, setActive] = useState(stored?.active ?? true)
  const [events, setEvents] = useState(stored?.events ?? ['repo:push'])
  const [secret, setSecret] = useState<string>()
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => {
      const body = { url, description, active, events, ...(secret === undefined ? {} : { secret }) } as HookChange
      return stored
        ? call<Hook>('PUT', `/2.0/${hookPath(place, stored)}`, body)
        : call<Hook>('POST', `/2.0/${place}/hooks`, body)
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['hooks', place] })
      onDone()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack>
        <TextInput
          label="Address"
          required
          placeholder="https://ci.example.com/hook"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={fieldError(save.error, 'url')}
        />
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(save.error, 'description')}
        />
        <PasswordInput
          label="Secret"
          description={
            stored?.secret_set === true
              ? 'One is set. It stays unless you type here; an empty one removes it.'
              : 'Signs each request, so that the receiver knows it is from here.'
          }
          autoComplete="off"
          value={secret ?? ''}
          onChange={(event) => setSecret(event.currentTarget.value)}
          error={fieldError(save.error, 'secret')}
        />
        <Events subject={subject} value={events} onChange={setEvents} error={fieldError(save.error, 'events')} />
        <Switch label="Active" checked={active} onChange={(event) => setActive(event.currentTarget.checked)} />
        <FormFailure error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Submit busy={save.isPending}>Save</Submit>
        </Group>
      </Stack>
    </form>
  )
}

interface EventsProps {
  subject: 'repository' | 'workspace'
  value: string[]
  onChange: (value: string[]) => void
  error: string | undefined
}

function Events({ subject, value, onChange, error }: EventsProps) {
  const choices = useQuery({
    queryKey: ['hook-events', subject],
    queryFn: ({ signal }) => callAll<HookEvent>(`/2.0/hook_events/${subject}`, 100, signal),
    staleTime: Infinity,
  })
  if (choices.error) return <Failure error={choices.error} retry={choices.refetch} />
  return (
    <Checkbox.Group label="Events" value={value} onChange={onChange} error={error}>
      <Stack gap="xs" mt={6}>
        {choices.data?.map(({ event, label, description }) => (
          <Checkbox key={event} value={event} label={label} description={description} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
