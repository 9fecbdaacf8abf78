// The commands of the program that the shell runs beside the server, with what they answer.
import { z } from 'zod'
import { type Program, run } from './program.ts'
import { forWindow } from './words.ts'

const Status = z.object({
  data: z.string(),
  running: z.object({ pid: z.number(), url: z.string() }).nullable(),
  accounts: z.number(),
  admins: z.array(z.string()),
  instance: z.string().nullable(),
  version: z.string(),
})
export type Status = z.infer<typeof Status>

/** The state of a data folder, whether or not a server runs on it; `null` asks for the usual folder. */
export async function statusOf(program: Program, data: string | null): Promise<Status> {
  const { code, stdout, stderr } = await run(program, ['status', '--json', ...(data === null ? [] : ['--data', data])])
  if (code !== 0) throw new Error(stderr)
  return Status.parse(JSON.parse(stdout))
}

/** Gives why it was refused, in words, or undefined. */
export async function addAdmin(
  program: Program,
  data: string,
  name: string,
  password: string,
): Promise<string | undefined> {
  return refusalOf(await run(program, ['user', 'add', name, '--admin', '--password-stdin', '--data', data], password))
}

/** The person at the machine owns the data: no password and no second factor of theirs is asked for. */
export async function recover(
  program: Program,
  data: string,
  given: { name: string; password: string; factorOff: boolean },
): Promise<string | undefined> {
  const { name, password, factorOff } = given
  const changed = await run(program, ['user', 'passwd', name, '--password-stdin', '--data', data], password)
  if (changed.code !== 0 || !factorOff) return refusalOf(changed)
  return refusalOf(await run(program, ['user', 'factor-off', name, '--data', data]))
}

const CopyLine = z.object({
  state: z.enum(['copying', 'verifying', 'done', 'failed']),
  done: z.number().optional(),
  total: z.number().optional(),
  message: z.string().optional(),
})
export type CopyLine = z.infer<typeof CopyLine>

/** Copies and verifies the data of a server that does not run; gives why it failed, in words, or undefined. */
export async function copyData(
  program: Program,
  from: string,
  to: string,
  tell: (line: CopyLine) => void,
): Promise<string | undefined> {
  let failed: string | undefined
  const ran = await run(program, ['data', 'copy', to, '--json', '--data', from], '', (text) => {
    const line = CopyLine.safeParse(readJson(text))
    if (!line.success) return
    if (line.data.state === 'failed') failed = line.data.message
    tell(line.data)
  })
  return failed ?? refusalOf(ran)
}

export async function doctor(program: Program, data: string): Promise<string> {
  const { stdout, stderr } = await run(program, ['doctor', '--data', data])
  return [stdout.trim(), stderr].filter(Boolean).join('\n')
}

function refusalOf({ code, stderr }: { code: number | null; stderr: string }): string | undefined {
  return code === 0 ? undefined : forWindow(stderr) || `The program ended with code ${code}.`
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
