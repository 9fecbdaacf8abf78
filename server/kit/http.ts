// Node's HTTP without what it brings along: an import of `node:http` touches all that it exports, and by that loads fetch
// and WebSockets, about 40 ms and 6 MB in each process.

export const { createServer, request } = process.getBuiltinModule('node:http')
export const { request: requestTls } = process.getBuiltinModule('node:https')
