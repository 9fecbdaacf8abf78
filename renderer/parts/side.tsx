// Pages that belong together, with their list at the side; on a phone it is a row above them.
import { Box, Grid } from '@mantine/core'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { MenuLink } from './link.tsx'

export function Side({ label, pages }: { label: string; pages: readonly (readonly [path: string, label: string])[] }) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, sm: 3 }}>
        <Box className="side" component="nav" aria-label={label}>
          {pages.map(([path, title]) => (
            <MenuLink
              key={path}
              to={path}
              label={title}
              active={here === path}
              activeOptions={{ exact: true }}
              style={{ borderRadius: 8 }}
            />
          ))}
        </Box>
      </Grid.Col>
      <Grid.Col span={{ base: 12, sm: 9 }}>
        <Outlet />
      </Grid.Col>
    </Grid>
  )
}
