// What a form says of an edit, field by field, until it is whole. Pure.
import { namesOf, pathProblem } from '../../contract/paths.ts'
import { Fault } from '../../kit/fault.ts'

export interface FormFile {
  names: readonly string[]
  /** Where its content lies; none: it is to be deleted. */
  content?: string
}

export interface EditForm {
  message?: string
  author?: string
  branch?: string
  /** As they were named. */
  parents: string[]
  /** By path, without a slash before it. */
  files: Map<string, FormFile>
}

/** What is not about one file: Bitbucket takes it from the form, and from the address too. */
export interface Meta {
  message?: string | undefined
  author?: string | undefined
  branch?: string | undefined
  parents?: string | string[] | undefined
  files?: string | string[] | undefined
}

export interface Draft {
  say: (name: string, value: string) => void
  put: (path: string, content?: string) => void
  whole: (address: Meta) => EditForm
}

export const FILES_MAX = 1000
export const META = new Set(['message', 'author', 'branch', 'parents', 'files'])
const ONCE = ['message', 'author', 'branch'] as const

export function openDraft(): Draft {
  const form: EditForm = { parents: [], files: new Map() }
  const named: string[] = []
  const say = (name: string, value: string): void => {
    if (name === 'files') named.push(value)
    else if (name === 'parents') form.parents.push(...value.split(/[\s,]+/).filter((one) => one !== ''))
    const once = ONCE.find((one) => one === name)
    if (once === undefined) return
    if (form[once] !== undefined) throw invalid(name, `${name} is given twice.`)
    form[once] = value
  }
  const put = (path: string, content?: string): void => {
    const problem = pathProblem(path)
    if (problem !== undefined) throw invalid(path, problem)
    const names = namesOf(path)
    const key = names.join('/')
    if (form.files.has(key)) throw invalid(key, `${key} is given twice.`)
    if (form.files.size >= FILES_MAX)
      throw new Fault('request.too-large', { detail: `At most ${FILES_MAX} files can be changed at once.` })
    form.files.set(key, { names, ...(content !== undefined && { content }) })
  }
  /** A path that is named among the files and has no content goes away. */
  const whole = (address: Meta): EditForm => {
    for (const name of ONCE) form[name] ??= address[name]
    if (form.parents.length === 0) for (const one of listOf(address.parents)) say('parents', one)
    const paths = new Set([...named, ...listOf(address.files)].filter((path) => path !== ''))
    for (const path of paths) if (!form.files.has(namesOf(path).join('/'))) put(path)
    return form
  }
  return { say, put, whole }
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat()
}

function invalid(field: string, detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { [field]: [detail] } })
}
