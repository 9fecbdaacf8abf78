// git as the bench's own tool: it throws with git's words, and keeps the time when asked.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { gitEnv } from '../helpers/git.ts'

interface Run {
  /** A folder of the bench; git's home lies in it. */
  home: string
  env?: Record<string, string>
}

export function runGit(args: string[], { home, env = {} }: Run): Promise<string> {
  const options = { env: { ...gitEnv(join(home, 'home')), ...env }, maxBuffer: 256 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    execFile('git', args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`git ${args.join(' ').slice(0, 300)}: ${stderr || error.message}`))
      else resolve(stdout.trimEnd())
    })
  })
}
