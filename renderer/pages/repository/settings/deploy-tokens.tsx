// Deploy tokens of one repository: for machines, in nobody's name.
import { Badge, Button, Group, Modal, Paper, Radio, Select, Stack, Text, TextInput } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CreatedDeployToken, DeployToken } from '../../../../server/contract/deploy.ts'
import { useCloneUrl } from '../../../parts/clone-box.tsx'
import { Confirm } from '../../../parts/confirm.tsx'
import { listQuery, useChange } from '../../../parts/own.ts'
import { ShownOnce } from '../../../parts/secret.tsx'
import { Submit } from '../../../parts/save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { apiOf } from '../data.ts'
import { useRepository } from '../layout.tsx'

export function DeployTokens() {
  const { repository, id } = useRepository()
  const resource = `${apiOf(id).replace('/2.0/', '')}/deploy-tokens`
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<string>()
  const [leaving, setLeaving] = useState<DeployToken>()
  const change = useChange(resource)
  const url = useCloneUrl(repository.full_name).replace('://', '://x-token-auth@')
  return (
    <>
      <PageTitle
        title="Deploy tokens"
        actions={
          <Button size="sm" leftSection={<PlusIcon />} onClick={() => setAdding(true)}>
            New deploy token
          </Button>
        }
      />
      <Stack>
        <Text size="sm" c="dimmed">
          A machine gets into this repository with one, and nowhere else. It belongs to the repository: it stays when
          people leave, and ends with the repository.
        </Text>
        {made !== undefined && (
          <ShownOnce title="Your new deploy token" secret={made}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              Git asks for it as the password of{' '}
              <Text span className="mono" size="sm">
                git clone {url}
              </Text>
            </Text>
          </ShownOnce>
        )}
        <List resource={resource} onRevoke={setLeaving} />
      </Stack>
      <NewDeployToken
        resource={resource}
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(secret) => {
          setMade(secret)
          setAdding(false)
        }}
      />
      <Confirm
        opened={leaving !== undefined}
        title={`Revoke ${leaving?.name ?? ''}?`}
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

function List({ resource, onRevoke }: { resource: string; onRevoke: (one: DeployToken) => void }) {
  const { data, error, refetch } = useQuery(listQuery<DeployToken>(resource))
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={2} />
  return (
    <Paper className="card">
      {data.length === 0 && <Empty title="No deploy token yet" />}
      {data.map((one) => (
        <Group key={one.id} className="row" px="md" py="sm" justify="space-between" wrap="nowrap">
          <Stack gap={0}>
            <Group gap="xs">
              <Text fw={600}>{one.name}</Text>
              <Badge size="sm" variant="light" color={one.permission === 'write' ? undefined : 'gray'} tt="none">
                {one.permission}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              {one.last_used_on ? (
                <>
                  used <Time iso={one.last_used_on} />
                </>
              ) : (
                'never used'
              )}
              {' · made '}
              <Time iso={one.created_on} />
              {one.created_by !== null && ` by ${one.created_by}`}
              {one.expires_on !== null && (
                <>
                  {' · expires '}
                  <Time iso={one.expires_on} />
                </>
              )}
            </Text>
          </Stack>
          <Button
            variant="subtle"
            color="red"
            size="xs"
            onClick={() => onRevoke(one)}
            aria-label={`Revoke ${one.name}`}
          >
            Revoke
          </Button>
        </Group>
      ))}
    </Paper>
  )
}

const LIVES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'Never' },
]

interface NewProps {
  resource: string
  opened: boolean
  onClose: () => void
  onMade: (secret: string) => void
}

function NewDeployToken({ resource, opened, onClose, onMade }: NewProps) {
  const [name, setName] = useState('')
  const [permission, setPermission] = useState('read')
  const [days, setDays] = useState('365')
  const create = useChange<CreatedDeployToken>(resource)
  const submit = (): void => {
    const expires_on = days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString()
    create.mutate(
      { method: 'POST', body: { name, permission, expires_on } },
      {
        onSuccess: ({ secret }) => {
          setName('')
          onMade(secret)
        },
      },
    )
  }
  return (
    <Modal opened={opened} onClose={onClose} title="New deploy token" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            description="Pushes with it are shown under this name."
            placeholder="build server"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(create.error, 'name')}
          />
          <Radio.Group label="What it may do" value={permission} onChange={setPermission}>
            <Stack gap="xs" mt="xs">
              <Radio value="read" label="Read: clone and fetch" />
              <Radio value="write" label="Write: push too" />
            </Stack>
          </Radio.Group>
          <Select
            label="It ends after"
            data={LIVES}
            value={days}
            allowDeselect={false}
            onChange={(value) => setDays(value ?? '')}
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
