// A key as it stands on the reader's own keyboard.
import { Kbd } from '@mantine/core'

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent)

export function Keystroke({ name }: { name: string }) {
  const [held, key] = name.startsWith('mod+') ? [IS_APPLE ? '⌘' : 'Ctrl', name.slice(4).toUpperCase()] : ['', name]
  return (
    <>
      {held !== '' && <Kbd size="xs">{held}</Kbd>}
      <Kbd size="xs">{key}</Kbd>
    </>
  )
}
