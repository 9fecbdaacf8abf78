// HTML of a text that anybody may have written, made safe to stand in a page: a short list of what may stay, links and
// pictures led to where they belong, ids under a name of their own. Everything else goes, as does every style and script.
import sanitize, { type Attributes, type Tag } from 'sanitize-html'
import { type MarkupPlace, resolveLink } from './links.ts'

/** Ids of a text must not be taken for those of the page around it. */
export const ID_PREFIX = 'user-content-'
/** Deeper than this browsers lose their way. */
const DEEPEST = 60

const TAGS = [
  'h1 h2 h3 h4 h5 h6 p br hr div section blockquote pre center',
  'span a b strong i em u s del ins strike sub sup small mark wbr',
  'code kbd samp var tt q cite abbr dfn time ruby rt rp bdi bdo',
  'ul ol li dl dt dd details summary figure figcaption',
  'table caption colgroup col thead tbody tfoot tr th td',
  'img picture source input',
].flatMap((some) => some.split(' '))

const ATTRIBUTES = {
  '*': ['id', 'title', 'lang', 'dir', 'align'],
  a: ['href', 'rel', 'aria-label'],
  img: ['src', 'alt', 'width', 'height'],
  source: ['srcset', 'media'],
  input: ['type', 'checked', 'disabled', 'aria-label'],
  ol: ['start', 'type'],
  li: ['value'],
  th: ['colspan', 'rowspan', 'scope'],
  td: ['colspan', 'rowspan'],
  details: ['open'],
  time: ['datetime'],
}

const CLASSES = {
  a: ['markup-anchor', 'footnote-backref'],
  b: ['markup-alert-title'],
  code: ['language-*', 'markup-math', 'markup-display'],
  div: ['markup-alert', 'markup-alert-*'],
  li: ['markup-task', 'footnote-item'],
  ol: ['footnotes-list'],
  pre: ['markup-math', 'markup-mermaid'],
  section: ['footnotes'],
  span: ['markup-outside'],
  sup: ['footnote-ref'],
}

/** Tags whose text goes with them. */
const SILENT = [
  'script',
  'style',
  'textarea',
  'option',
  'noscript',
  'iframe',
  'noembed',
  'noframes',
  'title',
  'svg',
  'math',
]

export function cleanHtml(html: string, place: MarkupPlace | undefined): string {
  return sanitize(html, {
    allowedTags: TAGS,
    allowedAttributes: ATTRIBUTES,
    allowedClasses: CLASSES,
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    nonTextTags: SILENT,
    selfClosing: ['br', 'col', 'hr', 'img', 'input', 'source', 'wbr'],
    nestingLimit: DEEPEST,
    transformTags: {
      a: (tagName, attribs) => ({ tagName, attribs: anchor(attribs, place) }),
      img: (_tag, attribs) => picture(attribs, place),
      source: (tagName, attribs) => ({ tagName, attribs: source(attribs, place) }),
      center: () => ({ tagName: 'div', attribs: { align: 'center' } }),
      input: (tagName, { type = '', checked, 'aria-label': label }) => ({
        tagName,
        attribs:
          type.toLowerCase() === 'checkbox'
            ? {
                type: 'checkbox',
                disabled: '',
                'aria-label': label ?? 'Checkbox',
                ...(checked === undefined ? {} : { checked: '' }),
              }
            : {},
      }),
      '*': (tagName, attribs) => ({ tagName, attribs: withPrefix(attribs) }),
    },
    exclusiveFilter: ({ tag, attribs }) =>
      (tag === 'input' && attribs['type'] === undefined) || (tag === 'source' && attribs['srcset'] === undefined),
  })
}

function anchor({ href = '', ...attribs }: Attributes, place: MarkupPlace | undefined): Attributes {
  const link = resolveLink(href, place, 'page')
  const { rel: _theirs, ...kept } = attribs
  if (!link) return kept
  return { ...kept, href: link.href, ...(link.outside ? { rel: 'nofollow noopener noreferrer' } : {}) }
}

/** Pictures of other servers are not loaded: they would learn who reads here. Their words stand in their place. */
function picture({ src = '', ...attribs }: Attributes, place: MarkupPlace | undefined): Tag {
  const link = resolveLink(src, place, 'raw')
  if (link && !link.outside) return { tagName: 'img', attribs: { alt: '', ...attribs, src: link.href } }
  const words = attribs['alt'] ?? ''
  return {
    tagName: 'span',
    attribs: { class: 'markup-outside', ...(link ? { title: link.href } : {}) },
    text: words.trim() === '' ? 'picture' : words,
  }
}

/** The first of the pictures that it names. */
function source({ srcset = '', ...attribs }: Attributes, place: MarkupPlace | undefined): Attributes {
  const [first = ''] = srcset.trim().split(/[\s,]/, 1)
  const link = resolveLink(first, place, 'raw')
  return link && !link.outside ? { ...attribs, srcset: link.href } : {}
}

function withPrefix({ id, ...attribs }: Attributes): Attributes {
  return id === undefined || id === '' ? attribs : { ...attribs, id: ID_PREFIX + id }
}
