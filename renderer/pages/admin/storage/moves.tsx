// Moves that are under way or over, and the copies that they left: put back, or removed before their time.
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { MoveEntry, OldCopyEntry } from '../../../../server/contract/storage.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { useChange } from '../../../parts/own.ts'
import { FormFailure } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { Section } from './page.tsx'

const COLOURS: Record<MoveEntry['state'], string> = {
  waiting: 'gray',
  running: 'blue',
  done: 'pine',
  failed: 'red',
  parked: 'red',
  cancelled: 'gray',
}

export function Moves({ moves, copies }: { moves: MoveEntry[]; copies: OldCopyEntry[] }) {
  return (
    <>
      {moves.length > 0 && <Under moves={moves} />}
      {copies.length > 0 && <Copies copies={copies} />}
    </>
  )
}

function Under({ moves }: { moves: MoveEntry[] }) {
  const cancel = useChange('admin/jobs')
  return (
    <Section title="Moves">
      <FormFailure error={cancel.error} />
      <Paper className="card">
        {moves.map((move) => (
          <Group key={move.job} className="row" px="md" py="sm" gap="sm" align="flex-start">
            <Stack gap={2} style={{ flex: 1, minWidth: 220 }}>
              <Group gap="xs">
                <TextLink to={`/${move.repository}`}>{move.repository}</TextLink>
                <Badge size="sm" color={COLOURS[move.state]} variant="light" tt="none">
                  {move.state}
                </Badge>
              </Group>
              <Text size="sm" c="dimmed">
                {move.restores ? `back to the copy on ${move.to}` : `from ${move.from} to ${move.to}`}
                {move.finished_on !== null && (
                  <>
                    , <Time iso={move.finished_on} />
                  </>
                )}
              </Text>
              {move.state === 'running' && move.progress !== '' && <Text size="sm">{move.progress}</Text>}
              {move.error !== null && <Text size="sm">{move.error}</Text>}
            </Stack>
            {(move.state === 'waiting' || move.state === 'running') && (
              <Button
                size="xs"
                variant="subtle"
                color="red"
                onClick={() => cancel.mutate({ method: 'POST', path: `/${move.job}/cancel` })}
                aria-label={`Cancel the move of ${move.repository}`}
              >
                Cancel
              </Button>
            )}
          </Group>
        ))}
      </Paper>
    </Section>
  )
}

interface Asked {
  copy: OldCopyEntry
  action: 'restore' | 'remove'
}

function Copies({ copies }: { copies: OldCopyEntry[] }) {
  const change = useChange('admin/storage')
  const [asked, setAsked] = useState<Asked>()
  const act = ({ copy, action }: Asked): void =>
    change.mutate(
      action === 'remove'
        ? { method: 'DELETE', path: `/copies/${copy.id}` }
        : { method: 'POST', path: `/copies/${copy.id}/restore`, body: { confirm: copy.repository } },
      { onSuccess: () => setAsked(undefined) },
    )
  return (
    <Section title="Old copies">
      <Paper className="card">
        {copies.map((copy) => (
          <Group key={copy.id} className="row" px="md" py="sm" gap="sm">
            <Stack gap={2} style={{ flex: 1, minWidth: 220 }}>
              <Text>{copy.repository}</Text>
              <Text size="sm" c="dimmed">
                on {copy.volume} until moved <Time iso={copy.moved_on} />, removed <Time iso={copy.removed_on} />
              </Text>
            </Stack>
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                onClick={() => setAsked({ copy, action: 'restore' })}
                aria-label={`Put back the copy of ${copy.repository}`}
              >
                Put back
              </Button>
              <Button
                size="xs"
                variant="subtle"
                color="red"
                onClick={() => setAsked({ copy, action: 'remove' })}
                aria-label={`Remove now the copy of ${copy.repository}`}
              >
                Remove now
              </Button>
            </Group>
          </Group>
        ))}
      </Paper>
      {asked && (
        <Confirm
          opened
          title={asked.action === 'remove' ? 'Remove the old copy?' : 'Put the old copy back?'}
          button={asked.action === 'remove' ? 'Remove the copy' : 'Put it back'}
          {...(asked.action === 'restore' ? { typed: asked.copy.repository } : {})}
          busy={change.isPending}
          error={change.error}
          onConfirm={() => act(asked)}
          onClose={() => setAsked(undefined)}
        >
          <Consequence {...asked} />
        </Confirm>
      )}
    </Section>
  )
}

function Consequence({ copy, action }: Asked) {
  if (action === 'remove') return `The repository stays where it is. Its copy on ${copy.volume} goes for good.`
  const pushes = copy.pushes_since === 1 ? '1 push' : `${copy.pushes_since} pushes`
  const since = copy.pushes_since === 0 ? 'Nothing was pushed since.' : `${pushes} since then will not be in it.`
  return `The repository is again as it was on ${copy.volume}. ${since} What it is now becomes the old copy.`
}
