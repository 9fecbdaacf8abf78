// The mark of Gitstead: a roof over a branch.
export function Mark({ size = 28 }: { size?: number }) {
  return <img src="/mark.svg" width={size} height={size} alt="" />
}
