// The look of Gitstead: pine green, calm greys, the system's own letters, room to breathe.
import { createTheme, type MantineColorsTuple, Modal } from '@mantine/core'

const pine: MantineColorsTuple = [
  '#edf7f3',
  '#dcebe5',
  '#b6d7ca',
  '#8cc2ae',
  '#69b096',
  '#53a587',
  '#46a07f',
  '#358b6c',
  '#27765d',
  '#135f49',
]

export const theme = createTheme({
  colors: { pine },
  primaryColor: 'pine',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  focusRing: 'auto',
  components: { Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }) },
})
