// A priority queue of numbers: the highest key comes first, of equal ones the one that came first.

export interface Heap {
  push: (value: number, key: number) => void
  pop: () => number | undefined
  readonly size: number
}

interface Item {
  value: number
  key: number
  turn: number
}

export function openHeap(): Heap {
  const items: Item[] = []
  let turns = 0
  const up = (item: Item): void => {
    let at = items.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent] as Item
      if (!before(item, above)) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }
  const down = (item: Item): void => {
    let at = 0
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && before(items[child + 1] as Item, items[child] as Item)) child++
      const below = items[child] as Item
      if (!before(below, item)) break
      items[at] = below
      at = child
    }
    items[at] = item
  }
  return {
    push: (value, key) => up({ value, key, turn: turns++ }),
    pop: () => {
      const top = items[0]
      const last = items.pop()
      if (last && items.length > 0) down(last)
      return top?.value
    },
    get size() {
      return items.length
    },
  }
}

function before(a: Item, b: Item): boolean {
  return a.key > b.key || (a.key === b.key && a.turn < b.turn)
}
