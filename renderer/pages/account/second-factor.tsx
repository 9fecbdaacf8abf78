// The own second factor: set up with an authenticator app, recovery codes, and switching it off.
import { Alert, Button, Group, Modal, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { ShieldLockIcon } from '@primer/octicons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Factor, RecoveryCodes as Codes } from '../../../server/contract/factor.ts'
import type { Session } from '../../../server/contract/gitstead.ts'
import { call, OWN, rememberSession } from '../../api.ts'
import { RecoveryCodes } from '../../parts/recovery-codes.tsx'
import { FactorSetUp } from '../../parts/factor-set-up.tsx'
import { Submit } from '../../parts/save.tsx'
import { Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { sessionQuery } from '../../queries.ts'

const KEY = ['own', 'factor']
/** So few are left that new ones should be made. */
const FEW = 3

type Opened = { session: Session }

export function SecondFactor() {
  const client = useQueryClient()
  const [codes, setCodes] = useState<string[]>()
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<Factor>('GET', `${OWN}/factor`, undefined, signal),
  })
  /** The session was replaced by a new one, whose token later changes need. */
  const goOn = ({ session }: Opened): void => {
    client.setQueryData(sessionQuery.queryKey, rememberSession(session))
    void client.invalidateQueries({ queryKey: ['own'] })
  }
  const leave = (answer: Opened): void => {
    setCodes(undefined)
    goOn(answer)
  }
  return (
    <>
      <PageTitle title="Second factor" />
      <Stack gap="lg">
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting rows={3} />}
        {codes && <RecoveryCodes codes={codes} onDone={() => setCodes(undefined)} />}
        {data?.state === 'owed' && (
          <Alert color="pine" icon={<ShieldLockIcon />} title="This server asks for a second factor" role="status">
            Set it up to go on. Until then nothing else can be done with your account.
          </Alert>
        )}
        {data && data.state !== 'on' && !codes && (
          <FactorSetUp
            onDone={(answer: Codes & Opened) => {
              setCodes(answer.recovery_codes)
              goOn(answer)
            }}
          />
        )}
        {data?.state === 'on' && <Standing factor={data} onCodes={setCodes} onOff={leave} />}
      </Stack>
    </>
  )
}

interface StandingProps {
  factor: Factor
  onCodes: (codes: string[]) => void
  onOff: (answer: Opened) => void
}

function Standing({ factor, onCodes, onOff }: StandingProps) {
  const [asked, setAsked] = useState<'codes' | 'off'>()
  const client = useQueryClient()
  const { recovery_left: left } = factor
  return (
    <Paper className="card" p="lg">
      <Stack gap="sm">
        <Text fw={600}>
          On since <Time iso={factor.since ?? ''} />
        </Text>
        <Text size="sm">
          Signing in takes your password and a code. Git and programs use app passwords: your own password opens nothing
          there.
        </Text>
        <Text size="sm" {...(left < FEW ? { c: 'red', fw: 600 } : { c: 'dimmed' })}>
          {left === 1 ? '1 recovery code is left.' : `${left === 0 ? 'No' : left} recovery codes are left.`}
        </Text>
        <Group>
          <Button variant="default" onClick={() => setAsked('codes')}>
            New recovery codes
          </Button>
          {!factor.required && (
            <Button variant="subtle" color="red" onClick={() => setAsked('off')}>
              Switch off
            </Button>
          )}
        </Group>
        {factor.required && (
          <Text size="sm" c="dimmed">
            This server asks for a second factor, so it stays on.
          </Text>
        )}
      </Stack>
      <Prove<Codes>
        opened={asked === 'codes'}
        title="Make new recovery codes?"
        words="The ones that you have kept no longer work then."
        button="Make new ones"
        path="/factor/recovery-codes"
        onClose={() => setAsked(undefined)}
        onDone={(answer) => {
          setAsked(undefined)
          onCodes(answer.recovery_codes)
          void client.invalidateQueries({ queryKey: KEY })
        }}
      />
      <Prove<Opened>
        opened={asked === 'off'}
        title="Switch off your second factor?"
        words="Your password alone opens the account then. Other browsers are signed out."
        button="Switch off"
        path="/factor/off"
        onClose={() => setAsked(undefined)}
        onDone={(answer) => {
          setAsked(undefined)
          onOff(answer)
        }}
      />
    </Paper>
  )
}

interface ProveProps<T> {
  opened: boolean
  title: string
  words: string
  button: string
  path: string
  onClose: () => void
  onDone: (answer: T) => void
}

/** Asks for password and code before something about the second factor changes. */
function Prove<T>({ opened, title, words, button, path, onClose, onDone }: ProveProps<T>) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const clear = (): void => {
    setPassword('')
    setCode('')
    act.reset()
  }
  const act = useMutation({
    mutationFn: () => call<T>('POST', `${OWN}${path}`, { password, code }),
    onSuccess: (answer) => {
      onDone(answer)
      clear()
    },
  })
  return (
    <Modal
      opened={opened}
      onClose={() => {
        clear()
        onClose()
      }}
      title={title}
      centered
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          act.mutate()
        }}
      >
        <Stack>
          <Text>{words}</Text>
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={fieldError(act.error, 'password')}
          />
          <TextInput
            label="Code"
            description="From the app, or a recovery code."
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={fieldError(act.error, 'code')}
          />
          <FormFailure error={act.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Submit color="red" busy={act.isPending}>
              {button}
            </Submit>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
