// One commit: message, people, and what it changed.
import { Alert, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Diff } from '../../../code/diff.tsx'
import { CopyButton } from '../../../parts/copy.tsx'
import { ButtonLink, TextLink } from '../../../parts/link.tsx'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { apiOf } from '../data.ts'
import { commitQuery, diffQuery, diffstatQuery } from './data.ts'
import { useRepository } from '../layout.tsx'

const MOST_FILES = 3000

export function CommitPage() {
  const { id, repository } = useRepository()
  const { hash = '' } = useParams({ strict: false })
  const { data, error, refetch } = useQuery(commitQuery(id, hash))
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={6} />
  const [first = '', ...rest] = data.message.trim().split('\n')
  const base = `/${repository.full_name}`
  return (
    <>
      <PageTitle
        title={first || 'Commit'}
        actions={
          <ButtonLink to={`${base}/src/${data.hash}`} variant="default" size="sm">
            Browse files
          </ButtonLink>
        }
      />
      <Paper className="card" p="md" mb="lg">
        <Stack gap="xs">
          {rest.some((line) => line.trim() !== '') && (
            <Text component="pre" m={0} className="mono" style={{ whiteSpace: 'pre-wrap' }}>
              {rest.join('\n').trim()}
            </Text>
          )}
          <Text size="sm">
            <b>{data.author.raw.replace(/ <.*/, '')}</b> <Time iso={data.date} />
          </Text>
          <Group gap={4}>
            <Text size="sm" className="mono">
              {data.hash}
            </Text>
            <CopyButton text={data.hash} label="Copy the commit id" />
          </Group>
          {data.parents.length > 0 && (
            <Text size="sm" c="dimmed">
              {data.parents.length === 1 ? 'Parent ' : 'Parents '}
              {data.parents.map((parent) => (
                <TextLink key={parent.hash} to={`${base}/commit/${parent.hash}`} className="mono" mr={8}>
                  {parent.hash.slice(0, 8)}
                </TextLink>
              ))}
            </Text>
          )}
        </Stack>
      </Paper>
      <Changes hash={data.hash} />
    </>
  )
}

function Changes({ hash }: { hash: string }) {
  const { id } = useRepository()
  const stat = useQuery(diffstatQuery(id, hash))
  const tooMany = (stat.data?.length ?? 0) > MOST_FILES
  const diff = useQuery({ ...diffQuery(id, hash), enabled: stat.isSuccess && !tooMany })
  if (stat.error) return <Failure error={stat.error} retry={stat.refetch} />
  if (tooMany) {
    return (
      <Alert title={`${stat.data?.length} files were changed`}>
        That is too much to show. <a href={`${apiOf(id)}/diff/${hash}`}>Open the patch as text</a>
      </Alert>
    )
  }
  if (diff.error) return <Failure error={diff.error} retry={diff.refetch} />
  if (!stat.data || diff.data === undefined) return <Waiting rows={6} />
  const added = stat.data.reduce((sum, file) => sum + file.lines_added, 0)
  const removed = stat.data.reduce((sum, file) => sum + file.lines_removed, 0)
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {stat.data.length} {stat.data.length === 1 ? 'file' : 'files'} changed, {added} lines added, {removed} removed
      </Text>
      <Diff text={diff.data} />
    </>
  )
}
