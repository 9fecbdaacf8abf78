// Disks: how full each is, what it keeps free, whether new repositories come to it.
import { Badge, Button, Group, Menu, Paper, Progress, Stack, Text } from '@mantine/core'
import { KebabHorizontalIcon } from '@primer/octicons-react'
import { useState } from 'react'
import type { VolumeEntry } from '../../../../server/contract/storage.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { useChange } from '../../../parts/own.ts'
import { sizeText } from '../../../parts/size.ts'
import { FormFailure } from '../../../parts/states.tsx'
import { DiskForm } from './disk-form.tsx'
import { Section } from './page.tsx'

const CONDITIONS: Record<VolumeEntry['condition'], [words: string, colour: string]> = {
  ready: ['', 'gray'],
  full: ['Full up to its reserve: pushes are refused', 'red'],
  'read-only': ['Can only be read now', 'red'],
  missing: ['Not connected', 'red'],
}

export function Disks({ volumes }: { volumes: VolumeEntry[] }) {
  const [form, setForm] = useState<VolumeEntry | 'new'>()
  const [removing, setRemoving] = useState<VolumeEntry>()
  const change = useChange('admin/storage')
  return (
    <Section
      title="Disks"
      actions={
        <Button size="xs" onClick={() => setForm('new')}>
          Add a disk
        </Button>
      }
    >
      {!removing && <FormFailure error={change.error} />}
      <Paper className="card">
        {volumes.map((volume) => (
          <Disk
            key={volume.id}
            volume={volume}
            onEdit={() => setForm(volume)}
            onRemove={() => setRemoving(volume)}
            onState={(state) => change.mutate({ method: 'PATCH', path: `/volumes/${volume.id}`, body: { state } })}
          />
        ))}
      </Paper>
      {form !== undefined && <DiskForm volume={form === 'new' ? undefined : form} onClose={() => setForm(undefined)} />}
      <Confirm
        opened={removing !== undefined}
        title="Remove this disk?"
        button="Remove the disk"
        busy={change.isPending}
        error={removing ? change.error : null}
        onConfirm={() =>
          change.mutate(
            { method: 'DELETE', path: `/volumes/${removing?.id}` },
            { onSuccess: () => setRemoving(undefined) },
          )
        }
        onClose={() => setRemoving(undefined)}
      >
        No repository lies on <b>{removing?.name}</b>. The folder {removing?.path} stays, without its mark.
      </Confirm>
    </Section>
  )
}

interface DiskProps {
  volume: VolumeEntry
  onEdit: () => void
  onRemove: () => void
  onState: (state: VolumeEntry['state']) => void
}

function Disk({ volume, onEdit, onRemove, onState }: DiskProps) {
  const { name, state, condition, path } = volume
  const [words, colour] = CONDITIONS[condition]
  return (
    <Group className="row" px="md" py="md" gap="sm" align="flex-start" wrap="nowrap">
      <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text fw={600}>{name}</Text>
          <Badge size="sm" variant="light" tt="none" color={state === 'open' ? 'pine' : 'gray'}>
            {state === 'open' ? 'takes new repositories' : 'closed for new ones'}
          </Badge>
          {words !== '' && (
            <Badge size="sm" variant="light" tt="none" color={colour}>
              {words}
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" className="mono">
          {path}
        </Text>
        {condition !== 'missing' && <Room volume={volume} />}
        <Text size="sm" c="dimmed">
          {contents(volume)}
        </Text>
      </Stack>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" px={8} aria-label={`More for the disk ${name}`}>
            <KebabHorizontalIcon />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onEdit}>Change name and reserve</Menu.Item>
          <Menu.Item onClick={() => onState(state === 'open' ? 'closed' : 'open')}>
            {state === 'open' ? 'Close for new repositories' : 'Open for new repositories'}
          </Menu.Item>
          <Menu.Item color="red" disabled={!volume.removable} onClick={onRemove}>
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}

/** What repositories take, what else lies there, and the part that is kept free. */
function Room({ volume: { name, total, free, used, reserve, shares_with: beside } }: { volume: VolumeEntry }) {
  const share = (bytes: number): number => (total === 0 ? 0 : Math.max(0, (bytes * 100) / total))
  const left = Math.max(0, free - reserve)
  const taken = total - free
  return (
    <>
      <Progress.Root size="md" aria-label={`Room on ${name}`}>
        <Progress.Section value={share(Math.min(used, taken))} color="pine" aria-label="repositories" />
        <Progress.Section value={share(taken - Math.min(used, taken))} color="gray.5" aria-label="other files" />
        <Progress.Section value={share(left)} color="transparent" aria-label="room for pushes" />
        <Progress.Section value={share(Math.min(free, reserve))} color="yellow.6" aria-label="kept free" />
      </Progress.Root>
      <Text size="sm">
        {sizeText(left)} for pushes, {sizeText(reserve)} kept free, of {sizeText(total)}
        {beside.length > 0 && `; the same disk as ${beside.join(', ')}`}
      </Text>
    </>
  )
}

function contents({ repositories, used, old_copies: copies }: VolumeEntry): string {
  const some = `${repositories} ${repositories === 1 ? 'repository' : 'repositories'}, ${sizeText(used)}`
  return copies === 0 ? some : `${some}, and ${copies} old ${copies === 1 ? 'copy' : 'copies'}`
}
