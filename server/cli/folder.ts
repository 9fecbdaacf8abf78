// The data folder, before anything is opened in it: commands that need data make none where there is none.
import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from './refusal.ts'

export function unreadable(data: string): Refusal {
  return new Refusal(`The data folder ${data} cannot be read. Run this as the account that runs Gitstead.`, 'data')
}

/** One that is not there is fine: there is nothing to read. */
export function needReadable(data: string): void {
  try {
    accessSync(data, constants.R_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw unreadable(data)
  }
}

export function needData(data: string): void {
  needReadable(data)
  if (!existsSync(join(data, 'gitstead.db')))
    throw new Refusal(`There is no data of Gitstead in ${data}. Name its folder with --data.`, 'data')
}
