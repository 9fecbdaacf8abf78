// Deleted and overwritten: what pushes took off the branches, to be restored by writers and removed for good by admins.
import { Button, Checkbox, Group, Modal, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { KeptTip } from '../../../../server/contract/gitstead.ts'
import { call } from '../../../api.ts'
import { TextLink } from '../../../parts/link.tsx'
import { Submit } from '../../../parts/save.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { keptQuery } from './data.ts'
import { Preview } from './preview.tsx'
import { ownOf } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { Purging } from './purge.tsx'

const FIRST = 20

export function KeptTips() {
  const { id, repository } = useRepository()
  const [shown, setShown] = useState(FIRST)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [restoring, setRestoring] = useState<KeptTip>()
  const { data, error, refetch } = useQuery(keptQuery(id, shown))
  const isAdmin = repository.permission === 'admin'
  const there = chosen.filter((one) => data?.values.some((tip) => tip.id === one))
  const choose = (tip: KeptTip, on: boolean): void =>
    setChosen(on ? [...there, tip.id] : there.filter((one) => one !== tip.id))
  return (
    <section aria-labelledby="kept-title">
      <Title order={2} id="kept-title" size="h4" mt="xl">
        Deleted and overwritten
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Where a push deleted or overwrote a branch or a tag, its last commit is kept here and can be restored.
      </Text>
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} />}
      {data && (
        <Paper className="card">
          {data.values.map((tip) => (
            <TipRow
              key={tip.id}
              tip={tip}
              onRestore={() => setRestoring(tip)}
              {...(isAdmin && { chosen: there.includes(tip.id), onChoose: (on: boolean) => choose(tip, on) })}
            />
          ))}
          {data.values.length === 0 && <Empty title="Nothing was deleted or overwritten." />}
          {data.size > data.values.length && (
            <Group justify="center" p="sm">
              <Button variant="subtle" size="xs" onClick={() => setShown(data.values.length + FIRST)}>
                Show more of {data.size}
              </Button>
            </Group>
          )}
        </Paper>
      )}
      {isAdmin && data && <Purging chosen={there} size={data.size} onAsked={() => setChosen([])} />}
      {restoring && <RestoreTip key={restoring.id} tip={restoring} onClose={() => setRestoring(undefined)} />}
    </section>
  )
}

function nameOf({ ref }: KeptTip): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}

interface RowProps {
  tip: KeptTip
  onRestore: () => void
  chosen?: boolean
  onChoose?: (on: boolean) => void
}

function TipRow({ tip, onRestore, chosen = false, onChoose }: RowProps) {
  const name = nameOf(tip)
  return (
    <Group className="row" px="md" py="sm" gap="sm" wrap="nowrap">
      {onChoose && (
        <Checkbox
          size="xs"
          checked={chosen}
          onChange={(event) => onChoose(event.currentTarget.checked)}
          aria-label={`Choose ${name} of ${tip.hash.slice(0, 7)}`}
        />
      )}
      <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
        <Text className="mono" truncate>
          {name}
        </Text>
        <Text size="sm" truncate>
          <Hash tip={tip} /> {tip.subject}
        </Text>
        <Text size="sm" c="dimmed">
          {tip.how ?? 'kept'}
          {tip.by && ` by ${tip.by.display_name}`} · <Time iso={tip.kept_on} />
        </Text>
      </Stack>
      <Button variant="default" size="xs" onClick={onRestore} aria-label={`Restore ${name} of ${tip.hash.slice(0, 7)}`}>
        Restore
      </Button>
    </Group>
  )
}

function Hash({ tip }: { tip: KeptTip }) {
  const { repository } = useRepository()
  const short = tip.hash.slice(0, 7)
  if (tip.commit === null) return <span className="mono">{short}</span>
  return (
    <TextLink to={`/${repository.full_name}/commit/${tip.commit}`} className="mono">
      {short}
    </TextLink>
  )
}

/** As what it was, where the name is free; else as a new branch. */
function RestoreTip({ tip, onClose }: { tip: KeptTip; onClose: () => void }) {
  const { id } = useRepository()
  const client = useQueryClient()
  const old = nameOf(tip)
  const [name, setName] = useState(tip.is_free ? old : `${old}-restored`)
  const restore = useMutation({
    mutationFn: () => {
      const asItWas = tip.is_free && name === old
      return call('POST', `${ownOf(id)}/kept/restore`, { id: tip.id, ...(asItWas ? {} : { name }) })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['refs', id.workspace, id.repo] })
      await client.invalidateQueries({ queryKey: ['kept', id.workspace, id.repo] })
      onClose()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    restore.mutate()
  }
  const problem = fieldError(restore.error, 'name')
  const asTag = tip.is_free && name === old && tip.ref.startsWith('refs/tags/')
  return (
    <Modal opened onClose={onClose} title={`Restore ${old}`} centered>
      <form onSubmit={submit}>
        <Stack>
          <Preview tip={tip} />
          <TextInput
            label="Name"
            description={
              tip.is_free
                ? `It comes back as ${asTag ? 'the tag' : 'a branch'} of this name.`
                : `${old} exists, so it comes back as a new branch.`
            }
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem}
          />
          {problem === undefined && <FormFailure error={restore.error} />}
          <Submit busy={restore.isPending}>Restore</Submit>
        </Stack>
      </form>
    </Modal>
  )
}
