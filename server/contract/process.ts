// What a server tells whoever started it as its child, beside what it prints.

/** What stands in the way of a start. */
export type Obstacle = 'port' | 'address' | 'data' | 'in-use' | 'other'

export type ServerWord = { kind: 'ready'; url: string } | { kind: 'refused'; reason: Obstacle; message: string }
