// Pages that belong together, with their list at the side; on a phone it is a row above them.
import { Box, Grid } from '@mantine/core'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { MenuLink } from './link.tsx'

/** Keeps the link of the open page in view, and tells at which ends of the row there is more. */
function useRow(here: string): { row: RefObject<HTMLElement | null>; before: boolean; behind: boolean } {
  const row = useRef<HTMLElement>(null)
  const [{ before, behind }, setMore] = useState({ before: false, behind: false })
  useEffect(() => {
    const nav = row.current
    if (!nav) return undefined
    const look = (): void => {
      const left = nav.scrollWidth - nav.clientWidth - nav.scrollLeft
      setMore({ before: nav.scrollLeft > 1, behind: left > 1 })
    }
    const watch = new ResizeObserver(look)
    watch.observe(nav)
    nav.addEventListener('scroll', look, { passive: true })
    return () => {
      watch.disconnect()
      nav.removeEventListener('scroll', look)
    }
  }, [])
  useEffect(() => {
    const nav = row.current
    const open = [...(nav?.children ?? [])].find((link) => link.getAttribute('href') === here)
    if (!nav || !open) return
    const [all, one] = [nav.getBoundingClientRect(), open.getBoundingClientRect()]
    // The row alone moves: scrollIntoView would move the page too.
    nav.scrollLeft += one.left + one.width / 2 - (all.left + all.width / 2)
  }, [here])
  return { row, before, behind }
}

export function Side({ label, pages }: { label: string; pages: readonly (readonly [path: string, label: string])[] }) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  const { row, before, behind } = useRow(here)
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, sm: 3 }}>
        <Box
          className="side"
          component="nav"
          aria-label={label}
          ref={row}
          data-before={before || undefined}
          data-behind={behind || undefined}
        >
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
