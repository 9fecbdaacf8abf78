// Nobody leaves unasked what they typed and did not save.
import { useBlocker } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Confirm } from './confirm.tsx'

export type Leaving = { stay: () => void; leave: () => void } | undefined

/** `holds`: whether something here would be lost, asked when somebody is about to go. */
export function useLeaving(holds: () => boolean, blocks: (pathname: string) => boolean = () => true): Leaving {
  const blocker = useBlocker({
    shouldBlockFn: ({ next }) => holds() && blocks(next.pathname),
    enableBeforeUnload: holds,
    withResolver: true,
  })
  return blocker.status === 'blocked' ? { stay: blocker.reset, leave: blocker.proceed } : undefined
}

interface Props {
  leaving: Leaving
  title: string
  button?: string
  children: ReactNode
}

export function AskToLeave({ leaving, title, button = 'Leave', children }: Props) {
  return (
    <Confirm
      opened={leaving !== undefined}
      title={title}
      button={button}
      cancel="Stay"
      busy={false}
      error={undefined}
      onConfirm={() => leaving?.leave()}
      onClose={() => leaving?.stay()}
    >
      {children}
    </Confirm>
  )
}
