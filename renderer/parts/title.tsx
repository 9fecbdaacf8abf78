// The heading of a page: sets the document's title and takes the focus when the page changes.
import { Group, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'

export function PageTitle({ children, title, actions }: { children?: ReactNode; title: string; actions?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Gitstead`
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <Group justify="space-between" align="center" mb="md" gap="sm">
      <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
        {children ?? title}
      </Title>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  )
}
