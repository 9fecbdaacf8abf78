// Nothing lives at this address.
import { Text } from '@mantine/core'
import { ButtonLink } from '../parts/link.tsx'
import { Empty } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'

export function NotFound() {
  return (
    <>
      <PageTitle title="Nothing here" />
      <Empty title="There is nothing here, or you may not see it.">
        <Text c="dimmed" ta="center">
          The address may be mistyped, or the repository is private and you are not signed in with the right account.
        </Text>
        <ButtonLink to="/">Go to the dashboard</ButtonLink>
      </Empty>
    </>
  )
}
