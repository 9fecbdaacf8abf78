// One value for each of some objects: made when it is first asked for, and gone with its object.

/** `make` is called once for each `of`. What it gives must not be undefined. */
export function oncePer<K extends object, V>(make: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>()
  return (of) => {
    let value = known.get(of)
    if (value === undefined) known.set(of, (value = make(of)))
    return value
  }
}
