// A person by the picture that is made of their name.
import { Avatar } from '@mantine/core'

export function Picture({ name, size = 26 }: { name: string; size?: number }) {
  return (
    <Avatar
      src={`/api/gitstead/1/avatars/${encodeURIComponent(name)}.svg`}
      alt=""
      size={size}
      radius="sm"
      name={name}
    />
  )
}
