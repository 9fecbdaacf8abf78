// Text that the server has rendered, in the page: cleaned once more, then its code is coloured, its formulas and diagrams
// are drawn. The one component that sets HTML.
import { useComputedColorScheme } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import DOMPurify from 'dompurify'
import { type MouseEvent, useEffect, useRef } from 'react'
import { useInnerLinks } from '../../parts/inner-links.ts'
import { colourCode } from './code-blocks.ts'
import { drawDiagrams } from './diagrams.ts'
import { drawFormulas } from './formulas.ts'
import { showVectors } from './vectors.ts'
import './markup.css'

/** As the server prefixes the ids of a text. */
const ID_PREFIX = 'user-content-'

export function Markup({ html }: { html: string }) {
  const box = useRef<HTMLDivElement>(null)
  const dark = useComputedColorScheme('light') === 'dark'
  const follow = useInnerLinks()
  const hash = useRouterState({ select: (state) => state.location.hash })
  useEffect(() => {
    if (!box.current) return undefined
    const ended = new AbortController()
    const { signal } = ended
    box.current.replaceChildren(clean(html))
    makeScrollable(box.current)
    for (const work of [colourCode, drawFormulas, drawDiagrams, showVectors]) work(box.current, { dark, signal })
    return () => ended.abort()
  }, [html, dark])
  useEffect(() => {
    if (hash !== '') placeOf(box.current, hash)?.scrollIntoView()
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the place is in the text, which may come later
  }, [html, hash])
  const click = (event: MouseEvent<HTMLElement>): void => {
    const href = event.target instanceof Element ? event.target.closest('a')?.getAttribute('href') : undefined
    // Also a second time, when the address is there already.
    if (href?.startsWith('#')) placeOf(box.current, href.slice(1))?.scrollIntoView()
    else follow(event)
  }
  // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the links inside are what is clicked
  return <div ref={box} className="markup" onClick={click} />
}

function clean(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'button', 'textarea', 'select', 'audio', 'video'],
    FORBID_ATTR: ['style', 'name', 'action'],
    RETURN_DOM_FRAGMENT: true,
  })
}

function placeOf(box: HTMLElement | null, hash: string): Element | null | undefined {
  return box?.querySelector(`#${CSS.escape(ID_PREFIX + decoded(hash))}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Wide tables and long lines scroll by themselves, and can be scrolled with the keyboard. */
function makeScrollable(box: HTMLElement): void {
  for (const table of box.querySelectorAll('table')) {
    const frame = document.createElement('div')
    frame.className = 'markup-table'
    frame.tabIndex = 0
    table.replaceWith(frame)
    frame.append(table)
  }
  for (const block of box.querySelectorAll('pre')) block.tabIndex = 0
}
