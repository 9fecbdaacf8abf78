// A place to drop files on, which is a button too.
import { FileButton, Paper, Stack, Text, UnstyledButton } from '@mantine/core'
import { UploadIcon } from '@primer/octicons-react'
import { type DragEvent, useState } from 'react'

export function DropZone({ onFiles, disabled }: { onFiles: (files: readonly File[]) => void; disabled: boolean }) {
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    if (!disabled) onFiles([...event.dataTransfer.items].flatMap(fileOf))
  }
  return (
    <FileButton multiple onChange={onFiles} disabled={disabled}>
      {(props) => (
        <Paper
          className="card"
          style={{ borderStyle: 'dashed', ...(over && { borderColor: 'var(--mantine-primary-color-filled)' }) }}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <UnstyledButton {...props} w="100%" p="xl" ta="center">
            <Stack align="center" gap={6}>
              <UploadIcon size={24} />
              <Text fw={600}>Drop files here, or choose them</Text>
              <Text size="sm" c="dimmed">
                Up to 1,000 files and 100 MB in one commit
              </Text>
            </Stack>
          </UnstyledButton>
        </Paper>
      )}
    </FileButton>
  )
}

/** A folder that is dropped is left out: it would come as a file without content. */
function fileOf(item: DataTransferItem): File[] {
  const file = item.kind === 'file' && item.webkitGetAsEntry()?.isDirectory !== true ? item.getAsFile() : null
  return file ? [file] : []
}
