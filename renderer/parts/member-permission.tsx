// What members of a workspace may do in its repositories unless a repository says otherwise.
import { Radio, Stack } from '@mantine/core'
import type { Permission } from '../../server/contract/names.ts'

const CHOICES: { value: Permission; label: string; description: string }[] = [
  { value: 'none', label: 'Nothing', description: 'Each repository is shared with people and groups by itself.' },
  { value: 'read', label: 'Read', description: 'See, clone and fetch every repository.' },
  { value: 'write', label: 'Write', description: 'Push to every repository as well.' },
  { value: 'admin', label: 'Administer', description: 'Also change settings and access, and delete repositories.' },
]

interface Props {
  value: Permission
  onChange: (permission: Permission) => void
  error?: string | undefined
}

export function MemberPermission({ value, onChange, error }: Props) {
  return (
    <Radio.Group
      label="What members may do"
      description="In each repository that says nothing else about them. Owners may do everything."
      value={value}
      onChange={(chosen) => onChange(chosen)}
      error={error}
    >
      <Stack gap="xs" mt="xs">
        {CHOICES.map((choice) => (
          <Radio key={choice.value} {...choice} />
        ))}
      </Stack>
    </Radio.Group>
  )
}
