// The way to the inbox, with how many notifications wait there.
import { Indicator } from '@mantine/core'
import { BellIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { call, OWN } from '../api.ts'
import { ButtonLink } from './link.tsx'

const MOST_SHOWN = 99

export function Bell() {
  const { data } = useQuery({
    queryKey: ['own', 'notices', 'count'],
    queryFn: ({ signal }) => call<{ unread: number }>('GET', `${OWN}/notices/count`, undefined, signal),
  })
  const unread = data?.unread ?? 0
  return (
    <Indicator
      label={unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(unread)}
      disabled={unread === 0}
      size={16}
      offset={6}
      color="pine.7"
    >
      <ButtonLink
        to="/notifications"
        variant="subtle"
        color="gray"
        size="sm"
        px={8}
        aria-label={unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`}
      >
        <BellIcon />
      </ButtonLink>
    </Indicator>
  )
}
