// The largest repositories with what the last check found of each; a check now, and a move to another disk.
import { Badge, Button, Group, Modal, NativeSelect, Paper, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { RepositoryStorage, Storage } from '../../../../server/contract/storage.ts'
import { TextLink } from '../../../parts/link.tsx'
import { useChange } from '../../../parts/own.ts'
import { sizeText } from '../../../parts/size.ts'
import { Submit } from '../../../parts/save.tsx'
import { Empty, fieldError, FormFailure } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { Section } from './page.tsx'

export function Repositories({ storage }: { storage: Storage }) {
  const check = useChange('admin/storage')
  const [moving, setMoving] = useState<RepositoryStorage>()
  const { repositories, volumes } = storage
  return (
    <Section title="Repositories by size">
      <FormFailure error={check.error} />
      {repositories.length === 0 && (
        <Empty title="No repository yet">
          <Text c="dimmed">What is pushed shows here with its size.</Text>
        </Empty>
      )}
      <Paper className="card">
        {repositories.map((entry) => (
          <Group key={entry.repository} className="row" px="md" py="sm" gap="sm" align="flex-start">
            <Stack gap={2} style={{ flex: 1, minWidth: 220 }}>
              <Group gap="xs">
                <TextLink to={`/${entry.repository}`}>{entry.repository}</TextLink>
                <Verdict entry={entry} />
              </Group>
              <Text size="sm" c="dimmed">
                {sizeText(entry.size)} on {entry.volume}
                {entry.checked_on !== null && (
                  <>
                    , checked <Time iso={entry.checked_on} />
                  </>
                )}
              </Text>
              {entry.verdict !== null && entry.verdict !== 'whole' && <Text size="sm">{entry.words}</Text>}
            </Stack>
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  check.mutate({ method: 'POST', path: '/checks', body: { repository: entry.repository } })
                }
                aria-label={`Check now: ${entry.repository}`}
              >
                Check now
              </Button>
              {volumes.length > 1 && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => setMoving(entry)}
                  aria-label={`Move ${entry.repository}`}
                >
                  Move
                </Button>
              )}
            </Group>
          </Group>
        ))}
      </Paper>
      {moving && <MoveForm entry={moving} volumes={volumes} onClose={() => setMoving(undefined)} />}
    </Section>
  )
}

const VERDICTS = {
  whole: ['whole', 'pine'],
  damaged: ['damaged', 'red'],
  missing: ['not connected', 'red'],
  busy: ['not checked: busy', 'gray'],
  failed: ['not checked', 'orange'],
} as const

export function Verdict({ entry }: { entry: Pick<RepositoryStorage, 'verdict'> }) {
  const [words, colour] = entry.verdict === null ? (['not checked yet', 'gray'] as const) : VERDICTS[entry.verdict]
  return (
    <Badge size="sm" color={colour} variant="light" tt="none">
      {words}
    </Badge>
  )
}

interface MoveProps {
  entry: RepositoryStorage
  volumes: Storage['volumes']
  onClose: () => void
}

function MoveForm({ entry, volumes, onClose }: MoveProps) {
  const others = volumes.filter((volume) => volume.id !== entry.volume_id)
  const [volume, setVolume] = useState(others[0]?.id ?? '')
  const move = useChange('admin/storage')
  return (
    <Modal opened onClose={onClose} title={`Move ${entry.repository}`} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const body = { repository: entry.repository, volume }
          move.mutate({ method: 'POST', path: '/moves', body }, { onSuccess: onClose })
        }}
      >
        <Stack>
          <NativeSelect
            label="To the disk"
            data={others.map(({ id, name, free }) => ({ value: id, label: `${name} (${sizeText(free)} free)` }))}
            value={volume}
            onChange={(event) => setVolume(event.currentTarget.value)}
            error={fieldError(move.error, 'volume')}
          />
          <Text size="sm" c="dimmed">
            Everybody goes on with it meanwhile; pushes wait for some seconds at the end. The copy on {entry.volume} is
            kept for three days.
          </Text>
          <FormFailure error={move.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Submit busy={move.isPending}>Move</Submit>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
