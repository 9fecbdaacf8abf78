// HTML of a stranger in the page: only what marks up text stays, and nothing in it runs, styles, sends or loads.
import DOMPurify from 'dompurify'
import { useEffect, useRef } from 'react'

const KEPT = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ['style', 'form', 'input', 'button', 'select', 'textarea', 'option', 'dialog', 'audio', 'video'],
  FORBID_ATTR: ['style', 'class', 'id', 'name', 'target', 'action', 'background', 'srcset'],
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  RETURN_DOM_FRAGMENT: true,
} as const

/** A browser reports a handler or a base to the page's policy as soon as it has parsed it, also where it would never run. */
function withoutHandlers(html: string): string {
  return html
    .replace(/<(?=base\b)/gi, '&lt;')
    .replace(/<[^>]*>/g, (tag) => tag.replace(/([\s"'/])on(?=\w+\s*=)/gi, '$1data-on'))
}

export function SafeHtml({ html, label }: { html: string; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const clean = DOMPurify.sanitize(withoutHandlers(html), {
      ...KEPT,
      FORBID_TAGS: [...KEPT.FORBID_TAGS],
      FORBID_ATTR: [...KEPT.FORBID_ATTR],
    })
    for (const link of clean.querySelectorAll('a[href]')) link.setAttribute('rel', 'noreferrer nofollow')
    for (const image of clean.querySelectorAll('img')) {
      if (!image.hasAttribute('src')) image.remove()
      else if (!image.hasAttribute('alt')) image.setAttribute('alt', '')
    }
    box.current?.replaceChildren(clean)
  }, [html])
  return <div ref={box} className="written" role="group" aria-label={label} tabIndex={0} />
}
