// Time-limited tokens: for programs that renew them, and for whatever shall end by itself.
import { Button, Group, Modal, Paper, Select, Stack, Text, TextInput } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { LIFE, LIVES, OLDEST_DAYS } from '../../../server/contract/lives.ts'
import type { CreatedSignedToken, SignedToken } from '../../../server/contract/tokens.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { OnlyRepository, ScopeChoice, scopeWords } from '../../parts/scopes.tsx'
import { ShownOnce } from '../../parts/secret.tsx'
import { Submit } from '../../parts/save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

export function Tokens() {
  const { data } = useQuery(listQuery<SignedToken>('tokens'))
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<string>()
  const [leaving, setLeaving] = useState<SignedToken | 'all'>()
  const change = useChange('tokens')
  const revoke = (): void =>
    change.mutate(
      { method: 'DELETE', path: leaving === 'all' || !leaving ? '' : `/${leaving.id}` },
      { onSuccess: () => setLeaving(undefined) },
    )
  return (
    <>
      <PageTitle
        title="Tokens"
        actions={
          <>
            {data !== undefined && data.length > 1 && (
              <Button size="sm" variant="subtle" color="red" onClick={() => setLeaving('all')}>
                Revoke all
              </Button>
            )}
            <Button size="sm" leftSection={<PlusIcon />} onClick={() => setAdding(true)}>
              New token
            </Button>
          </>
        }
      />
      <Stack>
        <Text size="sm" c="dimmed">
          They end by themselves. A program can renew its token before that, for {OLDEST_DAYS} days at most.
        </Text>
        {made !== undefined && (
          <ShownOnce title="Your new token" secret={made}>
            <Text size="sm">Send it as Bearer token, or give it to git as the password of the user x-token-auth.</Text>
          </ShownOnce>
        )}
        <List onRevoke={setLeaving} />
      </Stack>
      <NewToken
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(secret) => {
          setMade(secret)
          setAdding(false)
        }}
      />
      <Confirm
        opened={leaving !== undefined}
        title={leaving === 'all' ? 'Revoke all tokens?' : `Revoke ${leaving?.label ?? ''}?`}
        button="Revoke"
        busy={change.isPending}
        error={change.error}
        onConfirm={revoke}
        onClose={() => setLeaving(undefined)}
      >
        Whatever uses {leaving === 'all' ? 'them' : 'it'} is refused from the next request on, renewed or not.
      </Confirm>
    </>
  )
}

function List({ onRevoke }: { onRevoke: (one: SignedToken) => void }) {
  const { data, error, refetch } = useQuery(listQuery<SignedToken>('tokens'))
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={3} />
  return (
    <Paper className="card">
      {data.length === 0 && (
        <Empty title="No token yet">
          <Text c="dimmed" ta="center">
            What works for a day or a week needs no password that lasts for ever.
          </Text>
        </Empty>
      )}
      {data.map((one) => (
        <Row key={one.id} one={one} onRevoke={() => onRevoke(one)} />
      ))}
    </Paper>
  )
}

function Row({ one, onRevoke }: { one: SignedToken; onRevoke: () => void }) {
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
          {' · ends '}
          <Time iso={one.expires_on} />
        </Text>
      </Stack>
      <Button variant="subtle" color="red" size="xs" onClick={onRevoke} aria-label={`Revoke ${one.label}`}>
        Revoke
      </Button>
    </Group>
  )
}

interface NewProps {
  opened: boolean
  onClose: () => void
  onMade: (secret: string) => void
}

function NewToken({ opened, onClose, onMade }: NewProps) {
  const [label, setLabel] = useState('')
  const [scopes, setScopes] = useState<string[]>(['repository'])
  const [life, setLife] = useState(String(LIFE.usual))
  const [repository, setRepository] = useState('')
  const create = useChange<CreatedSignedToken>('tokens')
  const submit = (): void => {
    const body = { label, scopes, life: Number(life), repository: repository.trim() || null }
    create.mutate(
      { method: 'POST', body },
      {
        onSuccess: ({ secret }) => {
          setLabel('')
          onMade(secret)
        },
      },
    )
  }
  return (
    <Modal opened={opened} onClose={onClose} title="New token" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <TextInput
            label="What it is for"
            placeholder="nightly build"
            required
            data-autofocus
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            error={fieldError(create.error, 'label')}
          />
          <ScopeChoice value={scopes} onChange={setScopes} error={fieldError(create.error, 'scopes')} />
          <Select
            label="It ends after"
            description="Unless it is renewed."
            data={LIVES.map(([seconds, text]) => ({ value: String(seconds), label: text }))}
            value={life}
            allowDeselect={false}
            onChange={(value) => setLife(value ?? life)}
          />
          <OnlyRepository
            value={repository}
            onChange={setRepository}
            error={fieldError(create.error, 'repository')}
            enabled={opened}
          />
          <FormFailure error={create.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Submit busy={create.isPending}>Create</Submit>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
