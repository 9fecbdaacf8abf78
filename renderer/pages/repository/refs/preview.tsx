// What putting a kept tip back would bring, before anybody does it.
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { KeptPreview, KeptTip } from '../../../../server/contract/gitstead.ts'
import { TextLink } from '../../../parts/link.tsx'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { useRepository } from '../layout.tsx'
import { keptPreviewQuery } from './data.ts'

export function Preview({ tip }: { tip: KeptTip }) {
  const { id, repository } = useRepository()
  const { data, error, refetch } = useQuery(keptPreviewQuery(id, tip.id))
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={2} height={24} />
  const name = tip.ref.replace(/^refs\/(heads|tags)\//, '')
  return (
    <Stack gap={6} className="card" p="sm">
      {data.commit === null ? (
        <Text size="sm" className="mono">
          {tip.hash.slice(0, 7)}
        </Text>
      ) : (
        <Text size="sm">
          <TextLink to={`/${repository.full_name}/commit/${data.commit.hash}`} className="mono">
            {data.commit.hash.slice(0, 7)}
          </TextLink>{' '}
          {data.commit.subject}
          <Text span size="sm" c="dimmed">
            {' '}
            by {data.commit.author}, <Time iso={data.commit.date} />
          </Text>
        </Text>
      )}
      <Text size="sm">{backText(data)}</Text>
      <Back preview={data} />
      {data.now && <Text size="sm">{nowText(name, data.now)}</Text>}
    </Stack>
  )
}

function commits(count: number): string {
  return count === 1 ? '1 commit' : `${count.toLocaleString('en')} commits`
}

function backText({ back }: KeptPreview): string {
  if (back === null) return 'Nobody can tell how many commits it leads to.'
  if (back === 0) return 'All of its commits are reached by a branch or a tag already.'
  return `It brings back ${commits(back)} that no branch and no tag leads to now${back === 1 ? '.' : ':'}`
}

/** The first of them; the last commit itself stands above. */
function Back({ preview: { back, commits: listed } }: { preview: KeptPreview }) {
  if (back === null || back <= 1) return null
  return (
    <ul style={{ margin: 0, paddingLeft: 18 }}>
      {listed.map(({ hash, subject }) => (
        <Text key={hash} component="li" size="sm" c="dimmed">
          <span className="mono">{hash.slice(0, 7)}</span> {subject}
        </Text>
      ))}
      {back > listed.length && (
        <Text component="li" size="sm" c="dimmed">
          and {(back - listed.length).toLocaleString('en')} more
        </Text>
      )}
    </ul>
  )
}

function nowText(name: string, { ahead, behind }: NonNullable<KeptPreview['now']>): string {
  if (ahead === null || behind === null) return `${name} exists now and stays as it is.`
  if (ahead === 0 && behind === 0) return `${name} stands at this very commit now.`
  return `${name} stays as it is now: this has ${commits(ahead)} that it lacks, and lacks ${commits(behind)} of it.`
}
