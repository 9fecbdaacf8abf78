// The foot of a form that is saved and stays: the button, and a word once it is done.
import { Button, Group, Text } from '@mantine/core'

export function Save({ save }: { save: { isPending: boolean; isSuccess: boolean } }) {
  return (
    <Group>
      <Button type="submit" loading={save.isPending}>
        Save
      </Button>
      {save.isSuccess && (
        <Text size="sm" role="status">
          Saved.
        </Text>
      )}
    </Group>
  )
}
