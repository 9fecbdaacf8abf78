// The start of the web pages: theme, query client, router.
import '@mantine/core/styles.css'
import './style.css'
import { MantineProvider } from '@mantine/core'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api.ts'
import { sessionQuery } from './queries.ts'
import { makeRouter } from './router.tsx'
import { theme } from './theme.ts'

/** A session that ended elsewhere is noticed at the next refused request: the shell then shows the way to sign in. */
function noticeEnd(error: Error): void {
  if (error instanceof ApiError && error.status === 401) void client.invalidateQueries(sessionQuery)
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  mutationCache: new MutationCache({ onError: noticeEnd }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.mayPass),
    },
    mutations: { retry: false },
  },
})

const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <RouterProvider router={makeRouter(client)} />
      </QueryClientProvider>
    </MantineProvider>,
  )
}
