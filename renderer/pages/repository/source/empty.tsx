// A repository without commits: the exact commands for this very address, waiting for the first push.
import { Group, Loader, Paper, Stack, Text, Title } from '@mantine/core'
import { Command, useCloneUrl } from '../../../parts/clone-box.tsx'
import { TrustHint } from '../../../parts/https.tsx'
import { Empty } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { FirstFile } from '../edit/entry-points.tsx'
import { useRepository } from '../layout.tsx'

export function EmptyRepository() {
  const { permission } = useRepository().repository
  return permission === 'write' || permission === 'admin' ? <FirstPush /> : <NothingYet />
}

/** For those who may only read: they wait for others. */
function NothingYet() {
  return (
    <>
      <PageTitle title="Empty" />
      <Paper className="card">
        <Empty title="Nothing was pushed yet.">
          <Text c="dimmed" ta="center">
            This page turns by itself when there is something to see.
          </Text>
        </Empty>
      </Paper>
    </>
  )
}

function FirstPush() {
  const { repository } = useRepository()
  const url = useCloneUrl(repository.full_name)
  const branch = repository.main_branch
  return (
    <>
      <PageTitle title="Ready for the first push" />
      <Paper className="card" p="lg">
        <Stack gap="lg">
          <Group gap="xs" role="status">
            <Loader size="xs" type="dots" />
            <Text c="dimmed">Waiting for your first push. This page turns by itself.</Text>
          </Group>
          <Stack gap="xs">
            <Title order={2} size="h4">
              I have a project already
            </Title>
            <Command text={`git remote add origin ${url}\ngit push -u origin HEAD`} label="Copy commands" />
          </Stack>
          <Stack gap="xs">
            <Title order={2} size="h4">
              I start a new one
            </Title>
            <Command
              text={`git clone ${url}\ncd ${repository.slug}\necho "# ${repository.slug}" > README.md\ngit add README.md\ngit commit -m "Start"\ngit push origin HEAD:${branch}`}
              label="Copy commands"
            />
          </Stack>
          <Text size="sm" c="dimmed">
            Git asks for your user name and your password, or better an app password from your account page.
          </Text>
          <TrustHint />
          <FirstFile />
        </Stack>
      </Paper>
    </>
  )
}
