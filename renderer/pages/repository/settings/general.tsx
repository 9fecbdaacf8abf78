// The repository as a whole: what it is called, who may see it, and its end.
import { Alert, Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { call } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { Section } from '../../../parts/section.tsx'
import { fieldError, FormFailure } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import type { Repository } from '../../../queries.ts'
import { VisibilityChoice } from '../../new-repository.tsx'
import { apiOf, refsQuery } from '../data.ts'
import { useRepository } from '../layout.tsx'

export function Settings() {
  const { repository } = useRepository()
  return (
    <>
      <PageTitle title="Settings" />
      <Stack gap="lg">
        <Section title="General">
          <General key={repository.full_name} />
        </Section>
        <Section title="Delete">
          <Delete />
        </Section>
      </Stack>
    </>
  )
}

function General() {
  const { repository, id } = useRepository()
  const [name, setName] = useState(repository.name)
  const [description, setDescription] = useState(repository.description)
  const [visibility, setVisibility] = useState(repository.visibility)
  const [main, setMain] = useState(repository.main_branch)
  const branches = useQuery({ ...refsQuery(id, 'branches'), enabled: !repository.is_empty }).data ?? []
  const client = useQueryClient()
  const navigate = useNavigate()
  const save = useMutation({
    mutationFn: () => call<Repository>('PUT', apiOf(id), { name, description, visibility, mainbranch: { name: main } }),
    onSuccess: async (answer) => {
      client.setQueryData(['repository', answer.workspace.slug, answer.slug], answer)
      await navigate({ to: `/${answer.full_name}/settings`, replace: true })
      await client.invalidateQueries({ queryKey: ['repositories'] })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  const names = [...new Set([repository.main_branch, ...branches.map((branch) => branch.name)])]
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(save.error, 'name')}
          description={
            name === repository.name ? undefined : 'The address changes with it. The old one goes on to lead here.'
          }
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Select
          label="Main branch"
          data={names}
          value={main}
          allowDeselect={false}
          onChange={(value) => setMain(value ?? main)}
          error={fieldError(save.error, 'mainbranch')}
        />
        <VisibilityChoice value={visibility} onChange={setVisibility} />
        <FormFailure error={save.error} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
          {save.isSuccess && (
            <Text size="sm" c="pine" role="status">
              Saved.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function Delete() {
  const { repository, id } = useRepository()
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => call('DELETE', apiOf(id)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['repositories'] })
      await client.invalidateQueries({ queryKey: ['pushes'] })
      await navigate({ to: '/' })
    },
  })
  return (
    <Stack align="flex-start">
      <Alert color="red" w="100%">
        All branches, tags and history go with it. There is no way back on this server.
      </Alert>
      <Button color="red" variant="outline" onClick={() => setAsking(true)}>
        Delete this repository
      </Button>
      <Confirm
        opened={asking}
        title="Delete the repository?"
        button="Delete for good"
        typed={repository.full_name}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={remove.mutate}
        onClose={() => setAsking(false)}
      >
        <b>{repository.full_name}</b> with all its history will be removed.
      </Confirm>
    </Stack>
  )
}
