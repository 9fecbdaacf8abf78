// What can be done with a file, as buttons of its head; how it is shown is remembered from one file to the next.
import { ActionIcon, Button, SegmentedControl, Switch, Tooltip } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { DownloadIcon, LinkIcon, ListUnorderedIcon } from '@primer/octicons-react'
import { useNavigate } from '@tanstack/react-router'
import { CopyButton } from '../../../parts/copy.tsx'
import { apiOf, encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import type { FilePlace } from './file-data.ts'
import { usePermalink } from './file-place.tsx'
import { hasSource, type Kind } from './kind.ts'

export function useChoices() {
  const [wrap, setWrap] = useLocalStorage({ key: 'gitstead.wrap', defaultValue: false, getInitialValueInEffect: false })
  const [outline, setOutline] = useLocalStorage({
    key: 'gitstead.outline',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  return { wrap, setWrap, outline, setOutline }
}

interface Props {
  place: FilePlace
  kind: Kind
  asSource: boolean
  choices: ReturnType<typeof useChoices>
  /** Undefined where there is none to copy. */
  text: string | undefined
}

export function FileActions({ place, kind, asSource, choices, text }: Props) {
  const { id } = useRepository()
  const toPermalink = usePermalink(place, 'src')
  const raw = `${apiOf(id)}/src/${encoded(place.refName)}/${encoded(place.path)}`
  const { wrap, setWrap, outline, setOutline } = choices
  return (
    <>
      {hasSource(kind) && <ViewSwitch asSource={asSource} />}
      {asSource && (
        <>
          <Switch
            size="xs"
            label="Wrap lines"
            checked={wrap}
            onChange={(event) => setWrap(event.currentTarget.checked)}
          />
          <Button
            size="xs"
            variant={outline ? 'light' : 'default'}
            leftSection={<ListUnorderedIcon />}
            aria-pressed={outline}
            onClick={() => setOutline(!outline)}
          >
            Outline
          </Button>
        </>
      )}
      {kind !== 'submodule' && (
        <>
          <Button size="xs" variant="default" component="a" href={raw} target="_blank" rel="noreferrer">
            Raw
          </Button>
          <Tooltip label="Download">
            <ActionIcon variant="subtle" component="a" href={`${raw}?download=true`} aria-label="Download">
              <DownloadIcon />
            </ActionIcon>
          </Tooltip>
        </>
      )}
      {text !== undefined && <CopyButton text={text} label="Copy the file" />}
      <Tooltip label="Permalink (y)">
        <ActionIcon variant="subtle" aria-label="Permalink" onClick={toPermalink}>
          <LinkIcon />
        </ActionIcon>
      </Tooltip>
    </>
  )
}

function ViewSwitch({ asSource }: { asSource: boolean }) {
  const navigate = useNavigate()
  return (
    <SegmentedControl
      size="xs"
      aria-label="View"
      value={asSource ? 'source' : 'preview'}
      onChange={(view) =>
        void navigate({ to: '.', search: (all: object) => ({ ...all, view }), replace: true, resetScroll: false })
      }
      data={[
        { value: 'preview', label: 'Preview' },
        { value: 'source', label: 'Source' },
      ]}
    />
  )
}
