// The repository as a whole: what it is called, who may see it, and its end.
import { Alert, Button, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Visibility } from '../../../../server/contract/names.ts'
import { call } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { AskToLeave, useLeaving } from '../../../parts/leaving.tsx'
import { Section } from '../../../parts/section.tsx'
import { Save } from '../../../parts/save.tsx'
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
          <General key={repository.uuid} />
        </Section>
        <Section title="Delete">
          <Delete />
        </Section>
      </Stack>
    </>
  )
}

interface Form {
  name: string
  description: string
  visibility: Visibility
  main: string
}

/** What stands in the form, and whether some of it is not saved. */
function useForm() {
  const { repository, id } = useRepository()
  const [stored, setStored] = useState<Form>({ ...repository, main: repository.main_branch })
  const [form, setForm] = useState(stored)
  const client = useQueryClient()
  const navigate = useNavigate()
  const save = useMutation({
    mutationFn: ({ name, description, visibility, main }: Form) =>
      call<Repository>('PUT', apiOf(id), { name, description, visibility, mainbranch: { name: main } }),
    onSuccess: async (answer, sent) => {
      setStored(sent)
      client.setQueryData(['repository', answer.workspace.slug, answer.slug], answer)
      // It is this page under its new address: nothing is left behind.
      await navigate({ to: `/${answer.full_name}/settings`, replace: true, ignoreBlocker: true })
      await client.invalidateQueries({ queryKey: ['repositories'] })
    },
  })
  const touched = (['name', 'description', 'visibility', 'main'] as const).some(
    (field) => form[field] !== stored[field],
  )
  return { form, change: (part: Partial<Form>) => setForm({ ...form, ...part }), save, touched }
}

function General() {
  const { repository, id } = useRepository()
  const { form, change, save, touched } = useForm()
  const leaving = useLeaving(() => touched)
  const branches = useQuery({ ...refsQuery(id, 'branches'), enabled: !repository.is_empty }).data ?? []
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate(form)
  }
  const names = [...new Set([repository.main_branch, ...branches.map((branch) => branch.name)])]
  return (
    <>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            required
            value={form.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={fieldError(save.error, 'name')}
            description={
              form.name === repository.name
                ? undefined
                : 'The address changes with it. The old one goes on to lead here.'
            }
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            value={form.description}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
          <Select
            label="Main branch"
            data={names}
            value={form.main}
            allowDeselect={false}
            onChange={(main) => change({ main: main ?? form.main })}
            error={fieldError(save.error, 'mainbranch')}
          />
          <VisibilityChoice value={form.visibility} onChange={(visibility) => change({ visibility })} />
          <FormFailure error={save.error} />
          <Save save={{ isPending: save.isPending, isSuccess: save.isSuccess && !touched }} />
        </Stack>
      </form>
      <AskToLeave leaving={leaving} title="Leave without saving?">
        What you changed in these settings is lost then.
      </AskToLeave>
    </>
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
      // Of what is gone no settings need to be saved.
      await navigate({ to: '/', ignoreBlocker: true })
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
