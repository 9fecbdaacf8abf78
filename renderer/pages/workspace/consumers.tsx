// OAuth consumers of a workspace: programs that ask people for access, or act by themselves.
import { Button, Group, Modal, Paper, Stack, Switch, Text, TextInput } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Consumer, CreatedConsumer } from '../../../server/contract/oauth.ts'
import { Command } from '../../parts/clone-box.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { ScopeChoice, scopeWords } from '../../parts/scopes.tsx'
import { ShownOnce } from '../../parts/secret.tsx'
import { Submit } from '../../parts/save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { useWorkspace } from './layout.tsx'

type Asked = { consumer: Consumer; what: 'remove' | 'secret' }

export function Consumers() {
  const { slug } = useWorkspace()
  const resource = `workspaces/${encodeURIComponent(slug)}/oauth-consumers`
  const [edited, setEdited] = useState<Consumer | 'new'>()
  const [made, setMade] = useState<string>()
  const [asked, setAsked] = useState<Asked>()
  const change = useChange<CreatedConsumer | undefined>(resource)
  const act = ({ consumer, what }: Asked): void =>
    change.mutate(
      what === 'remove'
        ? { method: 'DELETE', path: `/${consumer.id}` }
        : { method: 'POST', path: `/${consumer.id}/secret` },
      {
        onSuccess: (answer) => {
          setAsked(undefined)
          setMade(answer?.secret ?? undefined)
        },
      },
    )
  return (
    <>
      <PageTitle
        title="OAuth consumers"
        actions={
          <Button size="sm" leftSection={<PlusIcon />} onClick={() => setEdited('new')}>
            Add a consumer
          </Button>
        }
      />
      <Stack>
        <Text size="sm" c="dimmed">
          A program that is registered here can ask people to let it act for them, without ever seeing a password: by
          OAuth 2, and with the same key and secret by OAuth 1.0a where an admin has switched that on.
        </Text>
        {made !== undefined && <ShownOnce title="The secret of the consumer" secret={made} />}
        <All resource={resource} onEdit={setEdited} onAsk={setAsked} />
      </Stack>
      <Modal
        opened={edited !== undefined}
        onClose={() => setEdited(undefined)}
        title={edited === 'new' ? 'Add a consumer' : 'Change the consumer'}
        centered
      >
        {edited !== undefined && (
          <Form
            resource={resource}
            stored={edited === 'new' ? undefined : edited}
            onDone={(secret) => {
              if (secret !== undefined) setMade(secret)
              setEdited(undefined)
            }}
          />
        )}
      </Modal>
      <Confirm
        opened={asked !== undefined}
        title={asked?.what === 'remove' ? `Remove ${asked.consumer.name}?` : 'Make a new secret?'}
        button={asked?.what === 'remove' ? 'Remove' : 'Make a new secret'}
        busy={change.isPending}
        error={change.error}
        onConfirm={() => asked && act(asked)}
        onClose={() => setAsked(undefined)}
      >
        {asked?.what === 'remove'
          ? 'Everybody who let it in is cut off from the next request on.'
          : 'The old secret is refused from the next request on. What the program does by itself is then done for you.'}
      </Confirm>
    </>
  )
}

interface AllProps {
  resource: string
  onEdit: (one: Consumer) => void
  onAsk: (asked: Asked) => void
}

function All({ resource, onEdit, onAsk }: AllProps) {
  const { data, error, refetch } = useQuery(listQuery<Consumer>(resource))
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={2} />
  return (
    <Paper className="card">
      {data.length === 0 && <Empty title="No consumer yet" />}
      {data.map((one) => (
        <Stack key={one.id} className="row" px="md" py="sm" gap="xs">
          <Group justify="space-between" align="flex-start">
            <Stack gap={0} style={{ flex: 1, minWidth: 220 }}>
              <Text fw={600}>{one.name}</Text>
              {one.description !== '' && <Text size="sm">{one.description}</Text>}
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {one.callback_url} · {one.scopes.map(scopeWords).join(' · ')}
              </Text>
              <Text size="sm" c="dimmed">
                {one.confidential
                  ? `by itself it acts for ${one.acts_for ?? 'nobody, until a new secret is made'}`
                  : 'keeps no secret'}
              </Text>
            </Stack>
            <Group gap={4}>
              <Button size="xs" variant="default" onClick={() => onEdit(one)}>
                Edit
              </Button>
              {one.confidential && (
                <Button size="xs" variant="default" onClick={() => onAsk({ consumer: one, what: 'secret' })}>
                  New secret
                </Button>
              )}
              <Button
                size="xs"
                variant="subtle"
                color="red"
                onClick={() => onAsk({ consumer: one, what: 'remove' })}
                aria-label={`Remove ${one.name}`}
              >
                Remove
              </Button>
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed">
              Key
            </Text>
            <Command text={one.key} label={`Copy the key of ${one.name}`} />
          </Group>
        </Stack>
      ))}
    </Paper>
  )
}

interface FormProps {
  resource: string
  stored: Consumer | undefined
  onDone: (secret: string | undefined) => void
}

function Form({ resource, stored, onDone }: FormProps) {
  const [name, setName] = useState(stored?.name ?? '')
  const [description, setDescription] = useState(stored?.description ?? '')
  const [callback, setCallback] = useState(stored?.callback_url ?? '')
  const [scopes, setScopes] = useState<string[]>(stored?.scopes ?? ['repository'])
  const [confidential, setConfidential] = useState(true)
  const save = useChange<CreatedConsumer>(resource)
  const submit = (): void => {
    const body = { name, description, callback_url: callback, scopes }
    save.mutate(
      stored ? { method: 'PUT', path: `/${stored.id}`, body } : { method: 'POST', body: { ...body, confidential } },
      { onSuccess: ({ secret }) => onDone(stored ? undefined : (secret ?? undefined)) },
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          description="What people read when it asks them."
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(save.error, 'name')}
        />
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(save.error, 'description')}
        />
        <TextInput
          label="Callback address"
          description="Answers go exactly here. On http://127.0.0.1 any port is fine, as apps on people’s machines need it."
          placeholder="https://ci.example.com/callback"
          required
          value={callback}
          onChange={(event) => setCallback(event.currentTarget.value)}
          error={fieldError(save.error, 'callback_url')}
        />
        <ScopeChoice value={scopes} onChange={setScopes} error={fieldError(save.error, 'scopes')} />
        {!stored && (
          <Switch
            label="It can keep a secret"
            description="Off for apps on people’s own machines and in browsers: they prove themselves with PKCE."
            checked={confidential}
            onChange={(event) => setConfidential(event.currentTarget.checked)}
          />
        )}
        <FormFailure error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onDone(undefined)}>
            Cancel
          </Button>
          <Submit busy={save.isPending}>Save</Submit>
        </Group>
      </Stack>
    </form>
  )
}
