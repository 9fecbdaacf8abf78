// A disk is added, or its name and reserve change.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { VolumeEntry } from '../../../../server/contract/storage.ts'
import { useChange } from '../../../parts/own.ts'
import { Submit } from '../../../parts/save.tsx'
import { fieldError, FormFailure } from '../../../parts/states.tsx'

export function DiskForm({ volume, onClose }: { volume: VolumeEntry | undefined; onClose: () => void }) {
  const [name, setName] = useState(volume?.name ?? '')
  const [path, setPath] = useState('')
  const [reserve, setReserve] = useState(volume?.own_reserve ?? '')
  const change = useChange('admin/storage')
  const save = (): void => {
    const own = { name, reserve: reserve.trim() === '' ? null : reserve.trim() }
    const wish = volume
      ? ({ method: 'PATCH', path: `/volumes/${volume.id}`, body: own } as const)
      : ({ method: 'POST', path: '/volumes', body: { ...own, path } } as const)
    change.mutate(wish, { onSuccess: onClose })
  }
  return (
    <Modal opened onClose={onClose} title={volume ? `Change ${volume.name}` : 'Add a disk'} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(change.error, 'name')}
          />
          {!volume && (
            <TextInput
              label="Folder"
              description="An empty folder on this machine, or one that can be made. Mount the disk there first."
              placeholder="/mnt/disk2/gitstead"
              required
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
              error={fieldError(change.error, 'path')}
            />
          )}
          <TextInput
            label="Kept free"
            description="As 10 GB or as 5 %. Without an entry the setting of the server counts."
            value={reserve}
            onChange={(event) => setReserve(event.currentTarget.value)}
            error={fieldError(change.error, 'reserve')}
          />
          <FormFailure error={change.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Submit busy={change.isPending}>{volume ? 'Save' : 'Add the disk'}</Submit>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
