// The small centred card on which people come in: sign-in, set-up, invitation, reset.
import { Paper, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { Mark } from './mark.tsx'

export function Gate({ title, intro, children }: { title: string; intro?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Gitstead`
  }, [title])
  return (
    <Paper className="card" maw={420} mx="auto" mt={{ base: 'md', sm: 48 }} p="xl">
      <Stack gap="md">
        <Stack gap={6} align="flex-start">
          <Mark size={40} />
          <Title order={1} size="h3">
            {title}
          </Title>
          {intro && <Text c="dimmed">{intro}</Text>}
        </Stack>
        {children}
      </Stack>
    </Paper>
  )
}
