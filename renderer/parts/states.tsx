// What a page shows while it waits, when it failed, and when there is nothing.
import { Alert, Button, Center, Skeleton, Stack, Text, Title } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiError } from '../api.ts'

/** Grey rows in the shape of the list that comes. */
export function Waiting({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="xs" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_unused, i) => (
        <Skeleton key={i} height={height} radius="md" />
      ))}
    </Stack>
  )
}

export function reasonOf(error: unknown): string {
  if (error instanceof ApiError) return error.reason
  return error instanceof Error ? error.message : 'Something went wrong.'
}

export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  return (
    <Alert color="red" icon={<AlertIcon />} title="This could not be loaded" role="alert">
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{reasonOf(error)}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={() => void retry()}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

/** A form's own failure, next to its button; the fields keep what was typed. */
export function FormFailure({ error }: { error: unknown }) {
  if (!error) return null
  return (
    <Alert color="red" icon={<AlertIcon />} role="alert">
      {reasonOf(error)}
    </Alert>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center py="xl" px="md">
      <Stack align="center" gap="sm" maw={460}>
        <Title order={3} size="h4" ta="center">
          {title}
        </Title>
        {children}
      </Stack>
    </Center>
  )
}

/** The page itself broke: the rest of the frame stays. Tried again, all that the page needs is asked for anew. */
export function PageFailure({ error }: { error: unknown }) {
  const router = useRouter()
  return <Failure error={error} retry={() => router.invalidate()} />
}

/** The problem of one field, as the server told it. */
export function fieldError(error: unknown, name: string): string | undefined {
  return error instanceof ApiError ? error.fields[name] : undefined
}
