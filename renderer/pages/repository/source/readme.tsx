// The README of a folder, below its entries.
import { Paper, Text } from '@mantine/core'
import { BookIcon } from '@primer/octicons-react'
import type { Tree } from '../../../../server/contract/source.ts'
import { TextLink } from '../../../parts/link.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { RENDERED_MAX, RenderedFile } from './rendered.tsx'

export function Readme({ place, readme }: { place: Tree; readme: { name: string; size: number } }) {
  const { repository } = useRepository()
  const address = `${place.ref}/${place.path === '' ? '' : `${place.path}/`}${readme.name}`
  const page = `/${repository.full_name}/src/${encoded(address)}`
  return (
    <Paper className="card" component="section" aria-label={readme.name}>
      <Text className="row" px="md" py="xs" fw={600} size="sm" component="h2" m={0}>
        <BookIcon />{' '}
        <TextLink to={page} c="inherit">
          {readme.name}
        </TextLink>
      </Text>
      <div style={{ padding: 'clamp(16px, 3vw, 32px)' }}>
        {readme.size > RENDERED_MAX ? (
          <Text c="dimmed">
            This text is too long to be shown here. <TextLink to={page}>Open the file</TextLink> to read it.
          </Text>
        ) : (
          <RenderedFile address={address} />
        )}
      </div>
    </Paper>
  )
}
