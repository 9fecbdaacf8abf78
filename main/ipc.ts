// The door between the control page and the shell: who asks is checked, then what is asked, then it is done.
import type { IpcMain, IpcMainInvokeEvent } from 'electron'
import { type Answers, type Ask, type AskName, Asks, CHANNEL } from './contract.ts'
import { isAt } from './navigation.ts'

export type Handlers = { [N in AskName]: (given: Ask<N>) => Answers[N] | Promise<Answers[N]> }

/** Throws where the page of the call is not the control page itself, at the top of its window. */
export function checkSender({ senderFrame: frame }: Pick<IpcMainInvokeEvent, 'senderFrame'>, control: string): void {
  if (!frame || frame.parent || !isAt(frame.url, control)) throw new Error('This page may not ask for anything.')
}

export function openDoor(ipc: Pick<IpcMain, 'handle'>, control: string, handlers: Handlers): void {
  for (const name of Object.keys(Asks) as AskName[]) answer(ipc, control, name, handlers[name])
}

function answer<N extends AskName>(ipc: Pick<IpcMain, 'handle'>, control: string, name: N, handle: Handlers[N]): void {
  ipc.handle(CHANNEL + name, (event, ...given: unknown[]) => {
    checkSender(event, control)
    const checked = Asks[name].safeParse(given[0])
    if (!checked.success || given.length > 1) throw new Error(`What came with "${name}" is not what it takes.`)
    return handle(checked.data as Ask<N>)
  })
}
