// One side of a change of one file.
export interface Side {
  path: string
  text: string
}
