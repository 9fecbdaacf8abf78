// A patch as files that fold; what is far down is drawn when it comes near, and huge files when they are asked for.
import { Badge, Button, Group, Paper, Text, UnstyledButton } from '@mantine/core'
import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Empty } from '../parts/states.tsx'
import { parsePatch, type PatchFile, type PatchLine } from './patch.ts'
import './code.css'

const MANY_LINES = 800
const FILES_AT_ONCE = 100

export function Diff({ text }: { text: string }) {
  const files = useMemo(() => parsePatch(text), [text])
  const [shown, setShown] = useState(FILES_AT_ONCE)
  if (files.length === 0) return <Empty title="Nothing was changed." />
  return (
    <>
      {files.slice(0, shown).map((file) => (
        <FileDiff key={`${file.oldPath} ${file.newPath}`} file={file} />
      ))}
      {files.length > shown && (
        <Button variant="default" onClick={() => setShown(shown + FILES_AT_ONCE)}>
          Show more of {files.length} files
        </Button>
      )}
    </>
  )
}

function titleOf({ oldPath, newPath }: PatchFile): string {
  if (oldPath !== undefined && newPath !== undefined && oldPath !== newPath) return `${oldPath} → ${newPath}`
  return newPath ?? oldPath ?? ''
}

function FileDiff({ file }: { file: PatchFile }) {
  const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
  const [open, setOpen] = useState(lines <= MANY_LINES)
  const [near, box] = useNear()
  const title = titleOf(file)
  const state = file.oldPath === undefined ? 'new' : file.newPath === undefined ? 'deleted' : undefined
  return (
    <Paper className="card" mb="md" ref={box} component="section" aria-label={title}>
      <UnstyledButton w="100%" px="sm" py="xs" onClick={() => setOpen(!open)} aria-expanded={open}>
        <Group gap="xs" wrap="nowrap">
          {open ? <ChevronDownIcon /> : <ChevronRightIcon />}
          <Text size="sm" fw={600} style={{ flex: 1 }}>
            {title}
          </Text>
          {state && (
            <Badge variant="light" size="sm" tt="none">
              {state}
            </Badge>
          )}
          <Text size="sm" className="mono">
            +{file.added} −{file.removed}
          </Text>
        </Group>
      </UnstyledButton>
      {open && (near ? <Hunks file={file} title={title} /> : <div style={{ height: Math.min(lines, 40) * 20 }} />)}
    </Paper>
  )
}

function useNear(): [boolean, React.RefObject<HTMLDivElement | null>] {
  const box = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (near || !box.current) return
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), { rootMargin: '800px' })
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [near])
  return [near, box]
}

function Hunks({ file, title }: { file: PatchFile; title: string }) {
  if (file.binary) return <Empty title="A binary file." />
  if (file.hunks.length === 0) return <Empty title="Only its name or its mode changed." />
  return (
    <div
      className="code"
      style={{ borderTop: '1px solid var(--line)' }}
      role="region"
      aria-label={`Changes of ${title}`}
      tabIndex={0}
    >
      <table>
        <tbody>
          {file.hunks.map((hunk) => [
            <tr key={hunk.header} className="hunk">
              <td colSpan={2} />
              <td className="text">{hunk.header}</td>
            </tr>,
            ...hunk.lines.map((line) => (
              <Row key={`${hunk.header} ${line.kind} ${line.old} ${line.new}`} line={line} />
            )),
          ])}
        </tbody>
      </table>
    </div>
  )
}

const SIGNS = { added: '+', removed: '−', context: ' ', note: ' ' }

function Row({ line }: { line: PatchLine }) {
  return (
    <tr className={line.kind}>
      <td className="number" data-number={line.old ?? ''} />
      <td className="number" data-number={line.new ?? ''} />
      <td className="text">
        {SIGNS[line.kind]} {line.text}
      </td>
    </tr>
  )
}
