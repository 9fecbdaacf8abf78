// What stands in place of a content that is not shown: a sentence that says why, and where it is.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { TextLink } from '../../../parts/link.tsx'
import { Empty } from '../../../parts/states.tsx'
import { sizeText } from '../../../parts/size.ts'
import { useRepository } from '../layout.tsx'
import { linkTarget, type Pointer } from './content.ts'
import { metaQuery } from './data.ts'
import type { FilePlace } from './file-data.ts'
import { useFileAddress } from './file-place.tsx'

const SENTENCES = {
  large: 'This file is too large to show here. Download it to read it.',
  binary: 'This is a binary file. Download it to open it.',
  media: 'Sound and film are not played here. Download it to play it.',
  submodule: 'This is a submodule: its files are in another repository.',
}

export function Sentence({ kind }: { kind: keyof typeof SENTENCES }) {
  return <Empty title={SENTENCES[kind]} />
}

export function Pointed({ pointer: { oid, size } }: { pointer: Pointer }) {
  return (
    <Empty title="This file is stored with Git LFS.">
      <Text ta="center">What lies here only points to it: {sizeText(size)}, under the id</Text>
      <Text className="mono" ta="center" style={{ overflowWrap: 'anywhere' }}>
        {oid}
      </Text>
    </Empty>
  )
}

export function LinkTarget({ place, target }: { place: FilePlace; target: string }) {
  const { id } = useRepository()
  const addressOf = useFileAddress()
  const inside = linkTarget(place.path, target)
  const address = `${place.commit}/${inside ?? ''}`
  const found = useQuery({ ...metaQuery(id, address), enabled: inside !== undefined, retry: false })
  return (
    <Empty title="This is a symbolic link.">
      <Text ta="center">
        It leads to{' '}
        {found.data && inside !== undefined ? (
          <TextLink to={addressOf('src', place.refName, inside)} className="mono" underline="always">
            {target}
          </TextLink>
        ) : (
          <span className="mono">{target}</span>
        )}
        {inside === undefined && ', which is outside of this repository'}
        {found.isError && ', where there is nothing'}.
      </Text>
    </Empty>
  )
}
