// The address of a repository to import, as a person typed it: http or https, and nothing that git reads as more.
import { Fault } from '../../kit/fault.ts'

export interface ImportAddress {
  /** Without credentials: safe to show, to store and to log. */
  url: URL
  username: string
  password: string
}

/** Refuses local paths, other schemes, transport helpers (`ext::`) and control characters. */
export function parseAddress(text: string): ImportAddress {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text !== text.trim() || /[\u0000-\u001f\u007f\\]/.test(text))
    throw invalid('The address holds characters that do not belong there.')
  if (!/^https?:\/\/[^/]/i.test(text)) throw invalid('Only http:// and https:// addresses can be imported.')
  if (!URL.canParse(text)) throw invalid('This is not a complete address.')
  const url = new URL(text)
  // Git is told the address of a name in a list where a leading sign has a meaning: it would look the name up itself.
  if (!/^(\[[\da-f:.]+\]|[a-z\d_][a-z\d_.-]*)$/.test(url.hostname)) throw invalid('This is not the name of a host.')
  // What stands there is often a token, and the rest of the address is stored and shown.
  if (url.search !== '') throw invalid('Leave out what follows the question mark. A token goes into the password.')
  const username = decoded(url.username)
  const password = decoded(url.password)
  url.username = ''
  url.password = ''
  url.hash = ''
  return { url, username, password }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('The user name or the password in the address is not encoded rightly.')
  }
}

function invalid(detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { url: [detail] } })
}
