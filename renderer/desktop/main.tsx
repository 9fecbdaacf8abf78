// The start of the control page of the desktop: the same look as the web pages, and the shell instead of a server.
import '@mantine/core/styles.css'
import '../style.css'
import './desktop.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { theme } from '../theme.ts'
import { Control } from './control.tsx'

const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } })

const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Control />
      </QueryClientProvider>
    </MantineProvider>,
  )
}
