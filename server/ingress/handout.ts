// The connections that were handed to one process, until it says that it has them: what is lost on its way comes back.
import type { Socket } from 'node:net'

export interface Handed {
  number: number
  socket: Socket
  /** How often it was lost on its way. */
  lost: number
}

export interface Handout {
  /** How many were handed out. */
  readonly handed: number
  give: (socket: Socket, lost: number) => void
  /** The process has it: our own copy goes. */
  took: (number: number) => void
  /**
   * The process has seen all that was sent up to this number. One that has no descriptor left gets no connection with the
   * words that announce it, and never hears of it: those come back.
   */
  seen: (number: number) => Handed[]
  /** The process is gone: all that it had not taken comes back. */
  leave: () => Handed[]
}

export function openHandout(send: (number: number, socket: Socket) => void): Handout {
  let handed = 0
  let open: Handed[] = []
  const take = (wanted: (one: Handed) => boolean): Handed[] => {
    const taken = open.filter(wanted)
    open = open.filter((one) => !wanted(one))
    return taken
  }
  return {
    get handed() {
      return handed
    },
    give: (socket, lost) => {
      handed += 1
      open.push({ number: handed, socket, lost })
      send(handed, socket)
    },
    took: (number) => take((one) => one.number === number).forEach(({ socket }) => socket.destroy()),
    seen: (number) => take((one) => one.number <= number),
    leave: () => take(() => true),
  }
}
