// The ears of every page: shortcuts, and the two dialogs that they open. Neither is loaded before it is wanted.
import { ActionIcon, Button, Group } from '@mantine/core'
import { SearchIcon } from '@primer/octicons-react'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { Keystroke } from './keystroke.tsx'
import { openMatcher, type Deed, type Press } from './shortcuts.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const HelpSheet = lazy(async () => ({ default: (await import('./help-sheet.tsx')).HelpSheet }))

type Open = { kind: 'palette'; mode: 'all' | 'files' } | { kind: 'help' } | undefined

/** The repository of the page, as the address has it. */
function useHere(): string | undefined {
  const { workspace, repo } = useParams({ strict: false })
  return workspace === undefined || repo === undefined ? undefined : `/${workspace}/${repo}`
}

export function Keys() {
  const [open, setOpen] = useState<Open>()
  const here = useHere()
  const navigate = useNavigate()
  const matcher = useMemo(() => openMatcher(), [])
  useEffect(() => {
    const carryOut = (deed: Deed): void => {
      if (deed.kind === 'go') void navigate({ to: deed.to })
      else if (deed.kind === 'page') void navigate({ to: `${here}${deed.path}` })
      else if (deed.kind !== 'own') setOpen(deed)
    }
    const hear = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return
      const deed = matcher(pressOf(event), here !== undefined, performance.now())
      if (!deed || deed.kind === 'own') return
      event.preventDefault()
      carryOut(deed)
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [here, matcher, navigate])
  const close = (): void => setOpen(undefined)
  return (
    <>
      <Opener onOpen={() => setOpen({ kind: 'palette', mode: 'all' })} />
      <Suspense fallback={null}>
        {open?.kind === 'palette' && (
          <Palette key={open.mode} mode={open.mode} onClose={close} onHelp={() => setOpen({ kind: 'help' })} />
        )}
        {open?.kind === 'help' && <HelpSheet onClose={close} />}
      </Suspense>
    </>
  )
}

/** With its keys where there is room for them. */
function Opener({ onOpen }: { onOpen: () => void }) {
  const shared = { 'aria-keyshortcuts': 'Control+K Meta+K', onClick: onOpen }
  return (
    <>
      <Button
        visibleFrom="md"
        variant="default"
        size="xs"
        fw={400}
        c="dimmed"
        mr="xs"
        leftSection={<SearchIcon size={14} />}
        rightSection={
          <Group gap={2} wrap="nowrap">
            <Keystroke name="mod+k" />
          </Group>
        }
        {...shared}
      >
        Go to anything
      </Button>
      <ActionIcon hiddenFrom="md" variant="subtle" color="gray" size="lg" aria-label="Go to anything" {...shared}>
        <SearchIcon />
      </ActionIcon>
    </>
  )
}

const QUIET = 'button, checkbox, color, file, image, radio, range, reset, submit'.split(', ')

/** Who types in a field or stands before a dialog means that, not the page behind it. */
function pressOf({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): Press {
  const field = target instanceof HTMLElement && isField(target)
  const busy = field || document.querySelector('[aria-modal="true"]') !== null
  return { key, ctrlKey, metaKey, altKey, busy }
}

function isField(element: HTMLElement): boolean {
  if (element instanceof HTMLInputElement) return !QUIET.includes(element.type)
  return element.isContentEditable || element.matches('textarea, select, [role="textbox"], [role="combobox"]')
}
