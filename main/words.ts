// Words of the program for people at a terminal, as they are told in the window: nobody there types options.
export function forWindow(words: string): string {
  const told = words.split(/(?<=[.!?])\s+/).filter((sentence) => !/(?:^|\s)--[a-z]/.test(sentence))
  return told.length === 0 ? words : told.join(' ')
}
