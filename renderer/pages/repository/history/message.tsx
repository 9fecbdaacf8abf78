// The message of a commit as it was written; addresses of pages and full ids of commits in it are links.
import { Anchor, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { TextLink } from '../../../parts/link.tsx'
import { splitMessage } from './message.ts'

export function MessageBody({ text, base }: { text: string; base: string }) {
  return (
    <Text component="pre" m={0} className="mono" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {splitMessage(text).map((piece): ReactNode => {
        if (piece.kind === 'text') return piece.text
        if (piece.kind === 'commit') {
          return (
            <TextLink key={piece.at} to={`${base}/commit/${piece.text}`} inherit underline="always">
              {piece.text.slice(0, 12)}
            </TextLink>
          )
        }
        return (
          <Anchor
            key={piece.at}
            href={piece.text}
            rel="noopener noreferrer nofollow"
            target="_blank"
            inherit
            underline="always"
          >
            {piece.text}
          </Anchor>
        )
      })}
    </Text>
  )
}
