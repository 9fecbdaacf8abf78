// One commit: message, people, where it stands, and what it changed.
import { Anchor, Badge, Group, Paper, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ApiError } from '../../../api.ts'
import { CopyButton } from '../../../parts/copy.tsx'
import { ButtonLink, TextLink } from '../../../parts/link.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { apiOf, type Commit, encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { Changes } from './changes.tsx'
import { commitQuery, containingQuery } from './data.ts'
import { personOf, splitSubject } from './message.ts'
import { MessageBody } from './message.tsx'

export function CommitPage() {
  const { id, repository } = useRepository()
  const { hash = '' } = useParams({ strict: false })
  const { parent = 1 }: { parent?: number } = useSearch({ strict: false })
  const { data, error, refetch } = useQuery(commitQuery(id, hash))
  if (error instanceof ApiError && error.status === 404) return <NoCommit hash={hash} />
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={6} />
  const { subject, body } = splitSubject(data.message)
  const base = `/${repository.full_name}`
  return (
    <>
      <PageTitle
        title={subject || 'No message'}
        actions={
          <ButtonLink to={`${base}/src/${data.hash}`} variant="default" size="sm">
            Browse files
          </ButtonLink>
        }
      />
      <Paper className="card" p="md" mb="lg">
        <Stack gap="sm">
          {body !== '' && <MessageBody text={body} base={base} />}
          <People commit={data} />
          <Group gap="lg" style={{ rowGap: 4 }}>
            <Group gap={4} wrap="nowrap">
              <Text size="sm" className="mono">
                {data.hash}
              </Text>
              <CopyButton text={data.hash} label="Copy the commit id" />
            </Group>
            <Parents commit={data} base={base} />
            <Downloads hash={data.hash} />
          </Group>
          <RefsWith hash={data.hash} />
        </Stack>
      </Paper>
      <Changes
        spec={data.hash}
        parent={data.parents.length > 1 ? parent : undefined}
        choices={<ParentChoice commit={data} parent={parent} />}
      />
    </>
  )
}

function NoCommit({ hash }: { hash: string }) {
  const { repository } = useRepository()
  return (
    <>
      <PageTitle title="Not found" />
      <Paper className="card">
        <Empty title={`There is no commit ${hash} here.`}>
          <ButtonLink to={`/${repository.full_name}/commits`} variant="default">
            All commits
          </ButtonLink>
        </Empty>
      </Paper>
    </>
  )
}

function People({ commit }: { commit: Commit }) {
  const author = personOf(commit.author.raw)
  const committer = personOf(commit.committer.raw)
  const other = commit.author.raw !== commit.committer.raw
  return (
    <Text size="sm">
      <b title={author.mail}>{author.name}</b> wrote this <Time iso={commit.authored_on} />
      {other && (
        <>
          , <b title={committer.mail}>{committer.name}</b> committed it <Time iso={commit.date} />
        </>
      )}
      {!other && commit.authored_on !== commit.date && (
        <>
          {' '}
          and committed it <Time iso={commit.date} />
        </>
      )}
    </Text>
  )
}

function Parents({ commit: { parents }, base }: { commit: Commit; base: string }) {
  if (parents.length === 0) return <Text size="sm">The first commit</Text>
  return (
    <Text size="sm">
      {parents.length === 1 ? 'Parent ' : 'Parents '}
      {parents.map((parent) => (
        <TextLink key={parent.hash} to={`${base}/commit/${parent.hash}`} className="mono" mr={8}>
          {parent.hash.slice(0, 8)}
        </TextLink>
      ))}
    </Text>
  )
}

function Downloads({ hash }: { hash: string }) {
  const { id } = useRepository()
  const short = hash.slice(0, 12)
  return (
    <Group gap="sm">
      <Anchor size="sm" href={`${apiOf(id)}/patch/${hash}`} download={`${short}.patch`}>
        Patch
      </Anchor>
      <Anchor size="sm" href={`${apiOf(id)}/diff/${hash}`} download={`${short}.diff`}>
        Diff
      </Anchor>
    </Group>
  )
}

const SHOWN = 8

/** Where the commit has arrived; that takes a moment to find out, so it comes later. */
function RefsWith({ hash }: { hash: string }) {
  const { id, repository } = useRepository()
  const { data } = useQuery(containingQuery(id, hash))
  if (!data) return null
  const { branches, tags } = data
  const names = [
    ...branches.names.map((name) => ({ kind: 'branch', name })),
    ...tags.names.map((name) => ({ kind: 'tag', name })),
  ]
  const more = branches.size + tags.size - Math.min(names.length, SHOWN)
  if (names.length === 0) return <Text size="sm">No branch and no tag has it.</Text>
  return (
    <Group gap={6} aria-label="Branches and tags that have it" role="group">
      <Text size="sm">In</Text>
      {names.slice(0, SHOWN).map(({ kind, name }) => (
        <RefLabel key={`${kind} ${name}`} kind={kind} name={name} base={`/${repository.full_name}`} />
      ))}
      {more > 0 && (
        <Text size="sm" c="dimmed">
          and {more.toLocaleString('en')} more
        </Text>
      )}
    </Group>
  )
}

export function RefLabel({ kind, name, base }: { kind: string; name: string; base: string }) {
  return (
    <TextLink to={`${base}/commits/${encoded(name)}`} underline="never" maw={220} lh={1} title={`${kind} ${name}`}>
      <Badge
        size="sm"
        radius="sm"
        tt="none"
        variant="light"
        color={kind === 'tag' ? 'gray' : 'pine'}
        style={{ cursor: 'inherit', maxWidth: '100%', color: 'light-dark(#1c4a3c, #bfe3d5)' }}
      >
        {name}
      </Badge>
    </TextLink>
  )
}

/** A merge changed something else for each of the lines that came together in it. */
function ParentChoice({ commit: { parents }, parent }: { commit: Commit; parent: number }) {
  const navigate = useNavigate()
  if (parents.length < 2) return null
  return (
    <Select
      size="xs"
      w={190}
      aria-label="Compared with which parent"
      allowDeselect={false}
      data={parents.map(({ hash }, i) => ({ value: String(i + 1), label: `To parent ${i + 1}: ${hash.slice(0, 8)}` }))}
      value={String(parent)}
      onChange={(value) =>
        void navigate({
          to: '.',
          search: (search: Record<string, unknown>) => ({
            ...search,
            parent: value === '1' || value === null ? undefined : Number(value),
          }),
          resetScroll: false,
        })
      }
    />
  )
}
