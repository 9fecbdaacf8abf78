// One file: numbered lines that can be linked to, highlighted when that is cheap; pictures shown; the rest to download.
import { Anchor, Group, Paper, Switch, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Code } from '../../../code/code.tsx'
import { CopyButton } from '../../../parts/copy.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { sizeText } from '../../../parts/size.ts'
import { apiOf, type Entry, encoded } from '../data.ts'
import { textQuery } from './data.ts'
import { useRepository } from '../layout.tsx'

const LARGEST_SHOWN = 1024 * 1024

export function FileView({ entry, refName }: { entry: Entry; refName: string }) {
  const { id } = useRepository()
  const [wrap, setWrap] = useState(false)
  const raw = `${apiOf(id)}/src/${encoded(refName)}/${encoded(entry.path)}`
  const kind = kindOf(entry)
  return (
    <Paper className="card">
      <Group className="row" px="md" py="xs" justify="space-between" gap="sm">
        <Text size="sm" c="dimmed">
          {sizeText(entry.size ?? 0)}
        </Text>
        <Group gap="md">
          {kind === 'text' && (
            <Switch
              size="xs"
              label="Wrap lines"
              checked={wrap}
              onChange={(event) => setWrap(event.currentTarget.checked)}
            />
          )}
          {kind !== 'submodule' && (
            <>
              <Anchor size="sm" href={raw} target="_blank" rel="noreferrer">
                Raw
              </Anchor>
              <Anchor size="sm" href={raw} download={entry.path.split('/').at(-1)}>
                Download
              </Anchor>
            </>
          )}
        </Group>
      </Group>
      <Content entry={entry} kind={kind} raw={raw} address={`${refName}/${entry.path}`} wrap={wrap} />
    </Paper>
  )
}

type Kind = 'text' | 'picture' | 'large' | 'binary' | 'submodule'

function kindOf({ attributes = [], mimetype, size = 0 }: Entry): Kind {
  if (attributes.includes('subrepository')) return 'submodule'
  if (mimetype?.startsWith('image/')) return 'picture'
  if (!mimetype?.startsWith('text/')) return 'binary'
  return size > LARGEST_SHOWN ? 'large' : 'text'
}

const SENTENCES = {
  large: 'This file is too large to show here. Download it to read it.',
  binary: 'This is a binary file. Download it to open it.',
  submodule: 'This is a submodule: its files are in another repository.',
}

function Content({
  entry,
  kind,
  raw,
  address,
  wrap,
}: {
  entry: Entry
  kind: Kind
  raw: string
  address: string
  wrap: boolean
}) {
  if (kind === 'text') return <Lines address={address} path={entry.path} wrap={wrap} />
  if (kind === 'picture') {
    return (
      <Group justify="center" p="lg">
        <img src={raw} alt={entry.path} style={{ maxWidth: '100%', maxHeight: '70vh' }} />
      </Group>
    )
  }
  return <Empty title={SENTENCES[kind]} />
}

function Lines({ address, path, wrap }: { address: string; path: string; wrap: boolean }) {
  const { id } = useRepository()
  const { data, error, refetch } = useQuery(textQuery(id, address))
  if (error) return <Failure error={error} retry={refetch} />
  if (data === undefined) return <Waiting rows={10} height={18} />
  if (data.includes('\0')) return <Empty title={SENTENCES.binary} />
  return (
    <div style={{ position: 'relative' }}>
      <div style={{ position: 'absolute', right: 8, top: 4, zIndex: 1 }}>
        <CopyButton text={data} label="Copy the file" />
      </div>
      <Code text={data} path={path} wrap={wrap} />
    </div>
  )
}
