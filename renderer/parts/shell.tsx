// The frame of every page: mark, navigation, account menu, and the place where the page stands.
import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Container,
  Drawer,
  Group,
  Menu,
  Stack,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { MoonIcon, PlusIcon, SunIcon, TriangleDownIcon } from '@primer/octicons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, Navigate, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Me } from '../../server/contract/gitstead.ts'
import { call, OWN } from '../api.ts'
import { useLive } from '../live.ts'
import { forgetReader, sessionQuery, useSession } from '../queries.ts'
import { Bell } from './bell.tsx'
import { SessionEnded } from './ended.tsx'
import { Keys } from './find/keys.tsx'
import { ButtonLink, MenuLink } from './link.tsx'
import { Mark } from './mark.tsx'
import { Picture } from './person.tsx'

export function Shell() {
  const session = useSession()
  useLive(session && (session.user?.uuid ?? 'guest'))
  return (
    <AppShell header={{ height: 56 }} padding={0}>
      <a href="#main" className="skip">
        Skip to the content
      </a>
      <AppShell.Header style={{ borderColor: 'var(--line)', background: 'light-dark(#fff, #1a1e20)' }}>
        <Container size="lg" h="100%">
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Link to="/" style={{ textDecoration: 'none', color: 'inherit' }} aria-label="Gitstead, dashboard">
              <Group gap={10} wrap="nowrap">
                <Mark />
                <Text fw={650} size="lg">
                  Gitstead
                </Text>
              </Group>
            </Link>
            <Group gap={0} wrap="nowrap" ml="auto">
              {session && !session.factor_owed && <Keys />}
              {session && <Navigation user={session.user} />}
            </Group>
          </Group>
        </Container>
      </AppShell.Header>
      <AppShell.Main bg="transparent" id="main">
        <Container size="lg" py="lg">
          <SessionEnded />
          <Place owed={session?.factor_owed === true} />
        </Container>
      </AppShell.Main>
    </AppShell>
  )
}

export const SET_UP = '/account/second-factor'

/** Pages that need no account look after nobody: here, all ways lead to where the second factor is set up. */
function Place({ owed }: { owed: boolean }) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  return owed && here !== SET_UP ? <Navigate key={here} to={SET_UP} /> : <Outlet />
}

const ACCOUNT: readonly { label: string; to: string; hash?: string }[] = [
  { label: 'Profile', to: '/account/profile' },
  { label: 'Password', to: '/account/profile', hash: 'password' },
  { label: 'Second factor', to: SET_UP },
  { label: 'App passwords', to: '/account/app-passwords' },
  { label: 'Tokens', to: '/account/tokens' },
  { label: 'Applications', to: '/account/applications' },
  { label: 'Sessions', to: '/account/sessions' },
  { label: 'Notification settings', to: '/account/notifications' },
]

function Navigation({ user }: { user: Me | null }) {
  if (user === null) {
    return (
      <Group gap="xs">
        <ThemeSwitch />
        <ButtonLink to="/sign-in" variant="default" size="sm">
          Sign in
        </ButtonLink>
      </Group>
    )
  }
  return (
    <>
      <Group gap="xs" visibleFrom="sm" component="nav" aria-label="Main">
        <ButtonLink to="/" variant="subtle" color="gray" size="sm">
          Repositories
        </ButtonLink>
        {user.is_admin && (
          <ButtonLink to="/admin/people" variant="subtle" color="gray" size="sm">
            Administration
          </ButtonLink>
        )}
        <ButtonLink to="/new" size="sm" leftSection={<PlusIcon />}>
          New
        </ButtonLink>
        <Bell />
        <ThemeSwitch />
        <AccountMenu user={user} />
      </Group>
      <PhoneMenu user={user} />
    </>
  )
}

function useSignOut(): () => void {
  const client = useQueryClient()
  const navigate = useNavigate()
  const signOut = useMutation({
    mutationFn: () => call('DELETE', `${OWN}/session`),
    onSuccess: async () => {
      forgetReader(client)
      await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
      await navigate({ to: '/sign-in' })
    },
  })
  return () => signOut.mutate()
}

function AccountMenu({ user }: { user: Me }) {
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${user.display_name}`}>
          <Group gap={4} wrap="nowrap">
            <Picture name={user.username} />
            <TriangleDownIcon />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.display_name}</Menu.Label>
        {ACCOUNT.map(({ label, ...place }) => (
          <Menu.Item key={label} component={Link} {...place}>
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/new-workspace">
          New workspace
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={signOut}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function PhoneMenu({ user }: { user: Me }) {
  const [opened, { toggle, close }] = useDisclosure(false)
  const signOut = useSignOut()
  const place = useRouterState({ select: (state) => state.location.href })
  useEffect(close, [place, close])
  return (
    <Group gap="xs" hiddenFrom="sm" wrap="nowrap">
      <Bell />
      <ThemeSwitch />
      <Burger opened={opened} onClick={toggle} aria-label="Menu" size="sm" />
      <Drawer opened={opened} onClose={close} position="right" size="75%" title={user.display_name}>
        <Stack gap={2} component="nav" aria-label="Main">
          <MenuLink to="/" label="Repositories" />
          <MenuLink to="/new" label="New repository" />
          <MenuLink to="/new-workspace" label="New workspace" />
          {user.is_admin && <MenuLink to="/admin/people" label="Administration" />}
          {ACCOUNT.map(({ label, ...place }) => (
            <MenuLink key={label} label={label} {...place} />
          ))}
          <Button variant="default" mt="md" onClick={signOut}>
            Sign out
          </Button>
        </Stack>
      </Drawer>
    </Group>
  )
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const now = useComputedColorScheme('light')
  const next = now === 'light' ? 'dark' : 'light'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Switch to ${next} colours`}
      onClick={() => setColorScheme(next)}
    >
      {now === 'light' ? <MoonIcon /> : <SunIcon />}
    </ActionIcon>
  )
}
