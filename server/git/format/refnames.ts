// Names of refs: what git accepts as one, and their two forms, text for people and bytes for the wire.

// Git's rules, in git's words: check-ref-format. The first class is control characters and the space.
const FORBIDDEN = /[^!-~\u0080-\uffff]|[~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|^[./]|[./]$/

/** Whether git accepts this full name (`refs/heads/main`). A leading `-` is legal in a component: never pass names raw. */
export function validRefName(name: string): boolean {
  return name.includes('/') && !FORBIDDEN.test(name) && !name.includes('\u007f')
}

/** The bytes of a name as a string of one character per byte: compares and sorts as git does. */
export function toBytes(name: string): string {
  return isAscii(name) ? name : Buffer.from(name).toString('latin1')
}

export function toText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}
