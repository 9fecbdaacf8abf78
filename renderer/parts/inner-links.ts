// Links to our own pages inside plain HTML turn the page without loading it anew; all others stay with the browser.
import { useRouter } from '@tanstack/react-router'
import { type MouseEvent, useCallback } from 'react'

/** One listener for a whole text or a long list. */
export function useInnerLinks(): (event: MouseEvent<HTMLElement>) => void {
  const { history } = useRouter()
  return useCallback(
    (event) => {
      const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
      if (event.defaultPrevented || elsewhere || !(event.target instanceof Element)) return
      const href = event.target.closest('a')?.getAttribute('href') ?? ''
      if (!/^\/(?![/\\])/.test(href) || /^\/(?:2\.0|api)\//.test(href)) return
      event.preventDefault()
      history.push(href)
    },
    [history],
  )
}
