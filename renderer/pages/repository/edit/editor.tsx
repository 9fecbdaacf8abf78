// The editor itself: loaded when somebody edits, and the language of the file when it is known.
import { indentWithTab } from '@codemirror/commands'
import {
  defaultHighlightStyle,
  HighlightStyle,
  indentUnit,
  LanguageDescription,
  syntaxHighlighting,
} from '@codemirror/language'
import { languages } from '@codemirror/language-data'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { useEffect, useRef } from 'react'
import './editor.css'
import { indentOf } from './text.ts'

/** The library's own colours for light pages, each with one that can be read on a dark page. */
const COLOURS: Record<string, string> = {
  '#404740': 'light-dark(#57606a, #9198a1)',
  '#708': 'light-dark(#b3203a, #ff8b83)',
  '#219': 'light-dark(#0550ae, #79c0ff)',
  '#164': 'light-dark(#116329, #7ee787)',
  '#a11': 'light-dark(#0a3069, #a5d6ff)',
  '#e40': 'light-dark(#8a3600, #ffa657)',
  '#00f': 'light-dark(#6639ba, #d2a8ff)',
  '#30a': 'light-dark(#3a2f8f, #c5b3ff)',
  '#085': 'light-dark(#0f6b4f, #6fd3b0)',
  '#167': 'light-dark(#1a5f78, #7fc8e8)',
  '#256': 'light-dark(#225566, #8fc1d4)',
  '#00c': 'light-dark(#0550ae, #79c0ff)',
  '#940': 'light-dark(#59636e, #9198a1)',
  '#f00': 'light-dark(#b00020, #ff8f8f)',
}

const colours = HighlightStyle.define(
  defaultHighlightStyle.specs.map((spec) =>
    typeof spec['color'] === 'string' ? Object.assign({}, spec, { color: COLOURS[spec['color']] ?? 'inherit' }) : spec,
  ),
)

interface Props {
  /** Taken once: what is typed afterwards is told by `onChange`. */
  initial: string
  lineBreak: string
  path: string
  wrap: boolean
  /** Begins here; else the name of a new file comes first. */
  focus: boolean
  onChange: (text: string) => void
  onSave: () => void
}

export function Editor({ initial, lineBreak, path, wrap, focus, onChange, onSave }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const parts = useRef({ language: new Compartment(), wrapping: new Compartment(), label: new Compartment() })
  const tell = useRef({ onChange, onSave })
  const begin = useRef({ initial, lineBreak, focus })
  useEffect(() => {
    tell.current = { onChange, onSave }
  }, [onChange, onSave])
  useEffect(() => {
    if (!box.current) return undefined
    const { language, wrapping, label } = parts.current
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: begin.current.initial,
        extensions: [
          ...setUp(begin.current),
          keymap.of([{ key: 'Mod-s', run: () => (tell.current.onSave(), true), preventDefault: true }]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) tell.current.onChange(update.state.sliceDoc())
          }),
          language.of([]),
          wrapping.of([]),
          label.of([]),
        ],
      }),
    })
    if (begin.current.focus) made.focus()
    view.current = made
    return () => made.destroy()
  }, [])
  useEffect(() => {
    const { wrapping } = parts.current
    view.current?.dispatch({ effects: wrapping.reconfigure(wrap ? EditorView.lineWrapping : []) })
  }, [wrap])
  useEffect(() => {
    const { label, language } = parts.current
    const named = EditorView.contentAttributes.of({ 'aria-label': `Content of ${path}` })
    view.current?.dispatch({ effects: label.reconfigure(named) })
    let gone = false
    void languageOf(path).then((support) => {
      if (!gone) view.current?.dispatch({ effects: language.reconfigure(support) })
    })
    return () => {
      gone = true
    }
  }, [path])
  return <div ref={box} className="editor" />
}

function setUp({ initial, lineBreak }: { initial: string; lineBreak: string }): Extension[] {
  return [
    // Before the usual keys, so that these win. Escape and then Tab leads out of the editor.
    keymap.of([indentWithTab]),
    EditorState.lineSeparator.of(lineBreak),
    indentUnit.of(indentOf(initial)),
    syntaxHighlighting(colours),
    basicSetup,
  ]
}

async function languageOf(path: string): Promise<Extension> {
  const found = LanguageDescription.matchFilename(languages, path.split('/').at(-1) ?? '')
  return found ? found.load().catch(() => []) : []
}
