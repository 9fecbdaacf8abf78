// A secret or a one-time link that is shown this once.
import { Alert, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Command } from './clone-box.tsx'

export function ShownOnce({ title, secret, children }: { title: string; secret: string; children?: ReactNode }) {
  return (
    <Alert color="pine" title={title} role="status">
      <Stack gap="xs">
        <Text size="sm">Copy it now: it is not shown again.</Text>
        <Command text={secret} label="Copy" />
        {children}
      </Stack>
    </Alert>
  )
}
