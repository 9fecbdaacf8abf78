// Recovery codes, shown this once: to copy, to save as a file, to print.
import { Alert, Button, Checkbox, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { CopyButton } from './copy.tsx'

interface Props {
  codes: string[]
  onDone: () => void
}

export function RecoveryCodes({ codes, onDone }: Props) {
  const [kept, setKept] = useState(false)
  const text = `${codes.join('\n')}\n`
  return (
    <Alert color="pine" title="Your recovery codes" role="status">
      <Stack gap="sm">
        <Text size="sm">
          Each of them signs you in once when the phone is lost. They are not shown again: keep them where you keep
          papers, not on the phone.
        </Text>
        <Group gap={4} wrap="nowrap" className="card" pl="md" pr={4} py="xs" justify="space-between" align="flex-start">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="lg" verticalSpacing={2}>
            {codes.map((code) => (
              <span key={code} className="mono">
                {code}
              </span>
            ))}
          </SimpleGrid>
          <CopyButton text={text} label="Copy the codes" />
        </Group>
        <Checkbox label="I have kept them" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
        <Group>
          <Button disabled={!kept} onClick={onDone}>
            Go on
          </Button>
          <Button
            variant="default"
            component="a"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
            download="gitstead-recovery-codes.txt"
          >
            Save as a file
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
