// The last step to "an acknowledged push survives a power cut": git syncs files, and the folders that name them are ours.
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RefCommand } from './push.ts'
import type { Repo } from '../refs/refs.ts'

/**
 * Git syncs pack, index and ref, then renames them into place; the names are durable only when their folders are. On
 * Windows a folder cannot be synced, and NTFS keeps the order of its renames.
 */
export async function syncFolders(repo: Repo, moved: readonly RefCommand[]): Promise<void> {
  if (process.platform === 'win32' || moved.length === 0) return
  const folders = new Set<string>()
  for (const { ref, newOid } of moved) {
    // A deletion rewrites packed-refs; all else came with a pack, or could have.
    folders.add(/^0+$/.test(newOid) ? '.' : 'objects/pack')
    // Folders of a name may be new, down from `refs/heads` and its like, which are always there.
    for (let at = dirname(ref); at.includes('/'); at = dirname(at)) folders.add(at)
  }
  await Promise.all([...folders].map((folder) => syncFolder(join(repo.path, folder))))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(gone)
  if (!folder) return
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** A folder that went with its last ref is not missed; what else is wrong is said. */
function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
