// App passwords: for git and programs, each with its scopes and end.
import { Button, Group, Modal, Paper, Select, Stack, Text, TextInput } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AppPassword, CreatedAppPassword } from '../../../server/contract/gitstead.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { OnlyRepository, ScopeChoice, scopeWords } from '../../parts/scopes.tsx'
import { ShownOnce } from '../../parts/secret.tsx'
import { Submit } from '../../parts/save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

export function AppPasswords() {
  const { data, error, refetch } = useQuery(listQuery<AppPassword>('app-passwords'))
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<string>()
  const [leaving, setLeaving] = useState<AppPassword>()
  const change = useChange('app-passwords')
  return (
    <>
      <PageTitle
        title="App passwords"
        actions={
          <Button size="sm" leftSection={<PlusIcon />} onClick={() => setAdding(true)}>
            New app password
          </Button>
        }
      />
      <Stack>
        {made !== undefined && (
          <ShownOnce title="Your new app password" secret={made}>
            <Text size="sm">
              Git asks for a user name and a password: give your user name, and this as the password.
            </Text>
          </ShownOnce>
        )}
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting rows={3} />}
        {data && (
          <Paper className="card">
            {data.length === 0 && (
              <Empty title="No app password yet">Git and programs use them instead of your password.</Empty>
            )}
            {data.map((one) => (
              <Row key={one.id} one={one} onRevoke={() => setLeaving(one)} />
            ))}
          </Paper>
        )}
      </Stack>
      <NewAppPassword
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(secret) => {
          setMade(secret)
          setAdding(false)
        }}
      />
      <Confirm
        opened={leaving !== undefined}
        title={`Revoke ${leaving?.label ?? ''}?`}
        button="Revoke"
        busy={change.isPending}
        error={change.error}
        onConfirm={() =>
          change.mutate({ method: 'DELETE', path: `/${leaving?.id ?? ''}` }, { onSuccess: () => setLeaving(undefined) })
        }
        onClose={() => setLeaving(undefined)}
      >
        Whatever uses it is refused from the next request on.
      </Confirm>
    </>
  )
}

function Row({ one, onRevoke }: { one: AppPassword; onRevoke: () => void }) {
  return (
    <Group className="row" px="md" py="sm" justify="space-between" wrap="nowrap">
      <Stack gap={0}>
        <Text fw={600}>{one.label}</Text>
        <Text size="sm" c="dimmed">
          {one.scopes.map(scopeWords).join(' · ')}
          {one.repository && ` · only ${one.repository}`}
        </Text>
        <Text size="sm" c="dimmed">
          {one.last_used_on ? (
            <>
              used <Time iso={one.last_used_on} />
            </>
          ) : (
            'never used'
          )}
          {one.expires_on && (
            <>
              {' · expires '}
              <Time iso={one.expires_on} />
            </>
          )}
        </Text>
      </Stack>
      <Button variant="subtle" color="red" size="xs" onClick={onRevoke} aria-label={`Revoke ${one.label}`}>
        Revoke
      </Button>
    </Group>
  )
}

const LIVES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'Never' },
]

function NewAppPassword({
  opened,
  onClose,
  onMade,
}: {
  opened: boolean
  onClose: () => void
  onMade: (secret: string) => void
}) {
  const [label, setLabel] = useState('')
  const [scopes, setScopes] = useState<string[]>(['repository', 'repository:write'])
  const [days, setDays] = useState('90')
  const [repository, setRepository] = useState('')
  const create = useChange<CreatedAppPassword>('app-passwords')
  const submit = (): void => {
    const expires_on = days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString()
    const body = { label, scopes, expires_on, repository: repository.trim() || null }
    create.mutate({ method: 'POST', body }, { onSuccess: ({ secret }) => onMade(secret) })
  }
  return (
    <Modal opened={opened} onClose={onClose} title="New app password" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <TextInput
            label="What it is for"
            placeholder="laptop"
            required
            data-autofocus
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            error={fieldError(create.error, 'label')}
          />
          <ScopeChoice value={scopes} onChange={setScopes} error={fieldError(create.error, 'scopes')} />
          <Select
            label="It ends after"
            data={LIVES}
            value={days}
            allowDeselect={false}
            onChange={(value) => setDays(value ?? '')}
          />
          <OnlyRepository
            value={repository}
            onChange={setRepository}
            error={fieldError(create.error, 'repository')}
            enabled={opened}
          />
          <FormFailure error={create.error} />
          <Submit busy={create.isPending}>Create</Submit>
        </Stack>
      </form>
    </Modal>
  )
}
