// A network of its own, in a namespace of the kernel: a server there is reached by an address that is not loopback,
// without anything of this machine listening to the outside. Where the system has no such thing, tests go without.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

export const LAN_ADDRESS = '10.99.0.1'
const SET_UP = `ip link set lo up && ip addr add ${LAN_ADDRESS}/32 dev lo && echo ready && exec sleep 600`

export interface Lan {
  /** The command, as one that runs there. */
  inside: (command: string, args: string[]) => [string, string[]]
  /** Runs it to its end. */
  run: (
    command: string,
    args: string[],
    env?: Record<string, string>,
  ) => { code: number | null; stdout: string; stderr: string }
  close: () => void
}

export async function openLan(): Promise<Lan | undefined> {
  const holder = spawn('unshare', ['-rn', 'sh', '-c', SET_UP], { stdio: ['ignore', 'pipe', 'ignore'] })
  if (!(await isReady(holder))) return undefined
  const inside: Lan['inside'] = (command, args) => [
    'nsenter',
    ['-t', String(holder.pid), '-U', '-n', '--preserve-credentials', command, ...args],
  ]
  const run: Lan['run'] = (command, args, env = {}) => {
    const [file, all] = inside(command, args)
    const { status, stdout, stderr } = spawnSync(file, all, {
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: 50_000,
    })
    return { code: status, stdout, stderr }
  }
  return {
    inside,
    run,
    close: () => void holder.kill(),
  }
}

async function isReady(holder: ChildProcess): Promise<boolean> {
  const failed = once(holder, 'exit').then(
    () => false,
    () => false,
  )
  const said = holder.stdout
    ? once(holder.stdout, 'data').then(
        () => true,
        () => false,
      )
    : Promise.resolve(false)
  return Promise.race([said, failed])
}
