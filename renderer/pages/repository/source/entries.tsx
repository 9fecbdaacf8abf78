// The rows of a folder: names are there at once, the commits come as they are found. Plain rows with one listener for all
// their links, as there may be thousands.
import { FileDirectoryFillIcon, FileIcon, FileSubmoduleIcon, FileSymlinkFileIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Fragment, memo } from 'react'
import type { FolderEntry, Tree } from '../../../../server/contract/source.ts'
import { sizeText } from '../../../parts/size.ts'
import { Time } from '../../../parts/time.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { type LastCommit, type LastCommits, lastCommitsQuery, shownName } from './tree-data.ts'
import './folder.css'

const ICONS = {
  folder: FileDirectoryFillIcon,
  file: FileIcon,
  executable: FileIcon,
  symlink: FileSymlinkFileIcon,
  submodule: FileSubmoduleIcon,
}

const WORDS = {
  folder: 'Folder',
  file: 'File',
  executable: 'Program',
  symlink: 'Symbolic link',
  submodule: 'Submodule',
}

const WAITED_FOR: LastCommits = { found: {}, over: false, failed: null }
const UNFOUND: LastCommits = { found: {}, over: true, failed: 'The last commits could not be loaded.' }

export function EntryRows({ refName, page }: { refName: string; page: Tree }) {
  const { id, repository } = useRepository()
  const { commit, path } = page
  const { page: number = 1, filter = '', entries = [] } = page.folder ?? {}
  const wish = { commit, path, page: number, filter }
  const { data, error } = useQuery({ ...lastCommitsQuery(id, wish), enabled: entries.length > 0 })
  const base = `/${repository.full_name}/src/${encoded(refName)}/${path === '' ? '' : `${encoded(path)}/`}`
  const { found, over, failed } = data ?? (error ? UNFOUND : WAITED_FOR)
  const missing = over ? undefined : 'waits'
  return (
    <Fragment>
      {entries.map((entry) => (
        <Row
          key={entry.name}
          entry={entry}
          href={base + encodeURIComponent(entry.name)}
          commits={`/${repository.full_name}/commit`}
          commit={found[entry.name] ?? missing}
        />
      ))}
      {failed !== null && (
        <tr>
          <td colSpan={4} className="folder-note" role="status">
            {failed}
          </td>
        </tr>
      )}
    </Fragment>
  )
}

export function ParentRow({ refName, path }: { refName: string; path: string }) {
  const { repository } = useRepository()
  const above = path.split('/').slice(0, -1).join('/')
  const href = `/${repository.full_name}/src/${encoded(refName)}${above === '' ? '' : `/${encoded(above)}`}`
  return (
    <tr>
      <td className="folder-name" colSpan={4}>
        <a href={href} aria-label="Folder above">
          ..
        </a>
      </td>
    </tr>
  )
}

interface RowProps {
  entry: FolderEntry
  href: string
  /** Where pages of commits begin. */
  commits: string
  commit: LastCommit | 'waits' | undefined
}

const Row = memo(
  function Row({ entry, href, commits, commit }: RowProps) {
    const { name, kind, size, hash, link } = entry
    const Icon = ICONS[kind]
    const known = commit === 'waits' ? undefined : commit
    return (
      <tr>
        <td className="folder-name">
          <span className={`folder-icon ${kind}`}>
            <Icon aria-label={WORDS[kind]} />
          </span>
          <a href={link ?? href}>
            <bdi>{shownName(name)}</bdi>
          </a>
          {kind === 'submodule' && <span className="mono folder-at"> @ {hash.slice(0, 8)}</span>}
        </td>
        <td className="folder-message">
          {known && (
            <a href={`${commits}/${known.hash}`} title={`${known.message} · ${known.author}`}>
              {known.message === '' ? known.hash.slice(0, 8) : known.message}
            </a>
          )}
          {commit === 'waits' && <span className="folder-waits" />}
        </td>
        <td className="folder-age">{known && <Time iso={known.date} />}</td>
        <td className="folder-size">{size !== null && sizeText(size)}</td>
      </tr>
    )
  },
  (before, after) =>
    before.href === after.href &&
    before.commit === after.commit &&
    before.entry.hash === after.entry.hash &&
    before.entry.kind === after.entry.kind &&
    before.entry.link === after.entry.link,
)
