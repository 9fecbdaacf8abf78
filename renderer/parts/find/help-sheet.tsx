// All keyboard shortcuts, as the table has them.
import { Group, Modal, Stack, Text, Title } from '@mantine/core'
import { Keystroke } from './keystroke.tsx'
import { SHORTCUTS, type Shortcut } from './shortcuts.ts'

const PLACES = ['Everywhere', 'In a repository', 'In a file'] as const

export function HelpSheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" centered>
      <Stack gap="lg">
        {PLACES.map((place) => (
          <section key={place} aria-label={place}>
            <Title order={3} size="h6" c="dimmed" mb={4}>
              {place}
            </Title>
            {SHORTCUTS.filter(({ where }) => where === place).map((shortcut) => (
              <Row key={shortcut.label} shortcut={shortcut} />
            ))}
          </section>
        ))}
        <Text size="sm" c="dimmed">
          While you type in a field, letters are letters.
        </Text>
      </Stack>
    </Modal>
  )
}

function Row({ shortcut: { label, keys } }: { shortcut: Shortcut }) {
  return (
    <Group justify="space-between" wrap="nowrap" className="row" py={6}>
      <Text size="sm">{label}</Text>
      <Group gap={4} wrap="nowrap">
        {keys.map((key, i) => (
          <Keystroke key={keys.slice(0, i + 1).join(' ')} name={key} />
        ))}
      </Group>
    </Group>
  )
}
