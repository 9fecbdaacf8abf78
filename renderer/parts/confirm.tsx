// Asks before something is destroyed; with `typed`, the name must be typed first.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Submit } from './save.tsx'
import { FormFailure } from './states.tsx'

interface Props {
  opened: boolean
  title: string
  children: ReactNode
  button: string
  /** On the button that changes nothing. */
  cancel?: string
  typed?: string
  busy: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
}

export function Confirm(props: Props) {
  const { opened, title, children, button, cancel = 'Cancel', typed, busy, error, onConfirm, onClose } = props
  const [text, setText] = useState('')
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onConfirm()
        }}
      >
        <Stack>
          <Text component="div">{children}</Text>
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          <FormFailure error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {cancel}
            </Button>
            <Submit color="red" busy={busy} disabled={typed !== undefined && text !== typed}>
              {button}
            </Submit>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
