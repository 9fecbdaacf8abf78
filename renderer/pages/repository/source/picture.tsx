// Pictures: fitted to the page or in their own size, transparent ones on a chequered ground.
import { Group, SegmentedControl, Text } from '@mantine/core'
import { useState } from 'react'
import { Empty } from '../../../parts/states.tsx'
import './preview.css'

export function Picture({ src, name }: { src: string; name: string }) {
  const [zoom, setZoom] = useState('fit')
  const [size, setSize] = useState<{ width: number; height: number }>()
  const [broken, setBroken] = useState(false)
  if (broken) return <Empty title="This picture is damaged, or of a kind that your browser does not know." />
  return (
    <>
      <Group justify="space-between" px="md" py={6} className="row">
        <Text size="sm" c="dimmed">
          {size === undefined || size.width === 0 ? 'Picture' : `${size.width} × ${size.height} pixels`}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Zoom"
          value={zoom}
          onChange={setZoom}
          data={[
            { value: 'fit', label: 'Fit' },
            { value: 'own', label: 'Own size' },
          ]}
        />
      </Group>
      <div
        className={zoom === 'fit' ? 'picture checkered fit' : 'picture checkered'}
        role="group"
        aria-label={`Picture ${name}`}
        tabIndex={0}
      >
        <img
          src={src}
          alt={name}
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setSize({ width, height })}
          onError={() => setBroken(true)}
        />
      </div>
    </>
  )
}

/** Inside a picture a drawing runs no script and loads nothing; and its address opens no document of ours. */
export function Drawing({ text, name }: { text: string; name: string }) {
  return <Picture src={`data:image/svg+xml,${encodeURIComponent(text.toWellFormed())}`} name={name} />
}
