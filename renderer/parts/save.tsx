// The button that sends a form, and the foot of a form that is saved and stays: the button, and a word once it is done.
import { Button, type ButtonProps, Group, Text } from '@mantine/core'
import { type MouseEvent, type ReactNode, useRef } from 'react'

/** So long after a click the page may not know yet that it has sent something: another one is the same one. */
const ONE_CLICK_MS = 100

interface SubmitProps extends Omit<ButtonProps, 'loading'> {
  busy: boolean
}

/** Busy, it keeps the keyboard, which a disabled button loses to nobody; and nothing is sent twice. */
export function Submit({ busy, disabled = false, ...rest }: SubmitProps) {
  const clicked = useRef(false)
  const once = (event: MouseEvent): void => {
    if (busy || clicked.current) event.preventDefault()
    else {
      clicked.current = true
      setTimeout(() => (clicked.current = false), ONE_CLICK_MS)
    }
  }
  return (
    <Button
      type="submit"
      loading={busy}
      disabled={disabled}
      renderRoot={(props) => <button {...props} disabled={disabled} aria-disabled={busy || undefined} onClick={once} />}
      {...rest}
    />
  )
}

interface SaveProps {
  save: { isPending: boolean; isSuccess: boolean }
  button?: string
  /** What is said once it is done. */
  done?: string
}

export function Save({ save, button = 'Save', done = 'Saved.' }: SaveProps) {
  return (
    <Group>
      <Submit busy={save.isPending}>{button}</Submit>
      {save.isSuccess && <Saved>{done}</Saved>}
    </Group>
  )
}

/** Said beside what was changed, also to screen readers. */
export function Saved({ children = 'Saved.' }: { children?: ReactNode }) {
  return (
    <Text size="sm" role="status">
      {children}
    </Text>
  )
}
