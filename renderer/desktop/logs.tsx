// The last lines of the server's log, and what to hand to somebody who helps.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { CopyButton } from '../parts/copy.tsx'
import { Section } from '../parts/section.tsx'
import { FormFailure, Waiting } from '../parts/states.tsx'
import { useAct, useAsked } from './bridge.ts'
import { readable } from './log-line.ts'

export function Logs() {
  const logs = useAsked('logs')
  const save = useAct('exportDiagnostics')
  const open = useAct('openFolder')
  const text = logs.data?.map(readable).join('\n')
  return (
    <Stack>
      <Section title="The last 200 lines">
        {text === undefined ? (
          <Waiting />
        ) : text === '' ? (
          <Text c="dimmed">Nothing was logged since this window was opened.</Text>
        ) : (
          <pre className="log" tabIndex={0} aria-label="Log">
            {text}
          </pre>
        )}
        <Group mt="sm" gap="xs">
          <Button size="xs" variant="default" onClick={() => open.mutate({ which: 'logs' })}>
            Open the folder
          </Button>
          {text && <CopyButton text={text} label="Copy the log" />}
        </Group>
      </Section>
      <Section title="Diagnostics">
        <Text size="sm">
          One text file with versions, settings, checks and the log. Passwords, tokens and other secrets are masked;
          read it before you send it.
        </Text>
        <Button mt="sm" variant="default" loading={save.isPending} onClick={() => save.mutate(undefined)}>
          Export diagnostics
        </Button>
        {save.data?.file !== undefined && (
          <Alert mt="sm" color="pine" role="status">
            Saved as {save.data.file}
          </Alert>
        )}
        <FormFailure error={save.error ?? open.error} />
      </Section>
    </Stack>
  )
}
