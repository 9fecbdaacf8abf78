// Object ids, and the few expressions around them that may reach git: what is not of this form is never sent.

/** The tree without entries; git knows it without storing it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const FULL = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const ABBREVIATED = /^[0-9a-f]{4,64}$/
const EXPRESSION = /^[0-9a-f]{4,64}(?:\^\{(?:commit|tree|blob|tag)?\})?$/

export function isOid(text: string): boolean {
  return FULL.test(text)
}

/** Lower-case hex of at least four digits: what a person may type for a commit. */
export function isAbbreviated(text: string): boolean {
  return ABBREVIATED.test(text)
}

/** An id, whole or abbreviated, alone or peeled (`abc123^{commit}`): no newline, no dash, no name can be in it. */
export function isExpression(text: string): boolean {
  return EXPRESSION.test(text)
}
