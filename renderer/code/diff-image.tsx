// A picture before and after: beside each other, one wiped over the other, or one shining through the other.
import { Group, SegmentedControl, Slider, Stack, Text } from '@mantine/core'
import { useState } from 'react'

type Way = 'beside' | 'swipe' | 'onion'

const WAYS = [
  { value: 'beside', label: 'Side by side' },
  { value: 'swipe', label: 'Swipe' },
  { value: 'onion', label: 'Onion skin' },
]

interface Props {
  /** Addresses; undefined where there was or is none. */
  before: string | undefined
  after: string | undefined
  name: string
}

export function ImageDiff({ before, after, name }: Props) {
  const [way, setWay] = useState<Way>('beside')
  const [share, setShare] = useState(50)
  const both = before !== undefined && after !== undefined
  return (
    <Stack p="md" gap="md" align="center" style={{ borderTop: '1px solid var(--line)' }}>
      {both && (
        <SegmentedControl
          aria-label="How to compare the pictures"
          size="xs"
          data={WAYS}
          value={way}
          onChange={(value) => setWay(value as Way)}
        />
      )}
      {both && way !== 'beside' ? (
        <>
          <Over before={before} after={after} name={name} way={way} share={share} />
          <Slider
            w="min(420px, 100%)"
            value={share}
            onChange={setShare}
            label={null}
            thumbLabel={
              way === 'swipe' ? 'How much of the new picture is uncovered' : 'How much the new picture covers'
            }
          />
        </>
      ) : (
        <Group align="flex-start" justify="center" gap="lg">
          {before !== undefined && <Picture src={before} label={both ? 'Before' : 'Deleted'} name={name} />}
          {after !== undefined && <Picture src={after} label={both ? 'After' : 'New'} name={name} />}
        </Group>
      )}
    </Stack>
  )
}

function Picture({ src, label, name }: { src: string; label: string; name: string }) {
  const [size, setSize] = useState('')
  const [broken, setBroken] = useState(false)
  return (
    <Stack gap={6} align="center">
      <Text size="sm" c="dimmed">
        {label}
        {size && ` · ${size}`}
      </Text>
      {broken ? (
        <Text size="sm">This picture cannot be shown.</Text>
      ) : (
        <div className="picture-box">
          <img
            src={src}
            alt={`${name}, ${label.toLowerCase()}`}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setSize(`${naturalWidth} × ${naturalHeight}`)
            }
            onError={() => setBroken(true)}
          />
        </div>
      )}
    </Stack>
  )
}

interface OverProps {
  before: string
  after: string
  name: string
  way: Exclude<Way, 'beside'>
  share: number
}

function Over({ before, after, name, way, share }: OverProps) {
  const style = way === 'swipe' ? { clipPath: `inset(0 ${100 - share}% 0 0)` } : { opacity: share / 100 }
  return (
    <div className="picture-box">
      <img src={before} alt={`${name}, before`} />
      <img className="over" src={after} alt={`${name}, after`} style={style} />
    </div>
  )
}
