// A command to copy, and the clone command for the address that this reader really uses.
import { Code, Group } from '@mantine/core'
import { useSession } from '../queries.ts'
import { CopyButton } from './copy.tsx'

export function Command({ text, label = 'Copy command' }: { text: string; label?: string }) {
  return (
    <Group gap={4} wrap="nowrap" className="card" pl="sm" pr={4} py={4} justify="space-between">
      <Code block bg="transparent" p={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', flex: 1 }}>
        {text}
      </Code>
      <CopyButton text={text} label={label} />
    </Group>
  )
}

export function useCloneUrl(fullName: string): string {
  const session = useSession()
  return `${session?.base_url ?? location.origin}/${fullName}.git`
}

export function CloneBox({ fullName }: { fullName: string }) {
  return <Command text={`git clone ${useCloneUrl(fullName)}`} label="Copy clone command" />
}
