// The two worlds of a page with a preload, in the browser: the isolated one, in which the preload runs with a `require`
// that knows `electron` only, and the page's own, which sees what was exposed. They talk by events of the document.

export const ISOLATED = `(() => {
  const pending = new Map(), listeners = new Map(), ends = new Map()
  let last = 0
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent('__standin_' + name, { detail: JSON.stringify(detail) }))
  const hear = (name, work) => document.addEventListener('__standin_' + name, (event) => work(JSON.parse(event.detail)))
  const electron = {
    contextBridge: { exposeInMainWorld(key, api) {
      hear('call', async ({ id, name, given, callback }) => {
        const real = callback === undefined ? given : [(...said) => tell('said', { callback, said })]
        try {
          const answer = await api[name](...real)
          if (typeof answer === 'function') { ends.set(id, answer); return tell('answer', { id }) }
          tell('answer', { id, answer })
        } catch (error) { tell('answer', { id, error: String(error.message) }) }
      })
      hear('end', ({ id }) => { ends.get(id)?.(); ends.delete(id) })
      tell('expose', { key, names: Object.keys(api) })
    } },
    ipcRenderer: {
      invoke: (channel, ...given) => new Promise((resolve, reject) => {
        const id = ++last
        pending.set(id, { resolve, reject })
        __standin(JSON.stringify({ id, channel, given }))
      }),
      on: (channel, work) => { if (!listeners.has(channel)) listeners.set(channel, new Set()); listeners.get(channel).add(work) },
      off: (channel, work) => listeners.get(channel)?.delete(work),
    },
  }
  globalThis.__standinReply = (id, { answer, error }) => {
    const { resolve, reject } = pending.get(id)
    pending.delete(id)
    if (error === undefined) resolve(answer)
    else reject(new Error(error))
  }
  globalThis.__standinPush = (channel, given) => { for (const work of listeners.get(channel) ?? []) work({}, ...given) }
  const require = (name) => { if (name !== 'electron') throw new Error('module not found: ' + name); return electron }
  const module = { exports: {} };
  (function (require, module, exports) { %PRELOAD%
  })(require, module, module.exports)
})()`

export const BRIDGE = `(() => {
  const pending = new Map(), callbacks = new Map()
  let last = 0
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent('__standin_' + name, { detail: JSON.stringify(detail) }))
  const hear = (name, work) => document.addEventListener('__standin_' + name, (event) => work(JSON.parse(event.detail)))
  hear('expose', ({ key, names }) => {
    const api = {}
    for (const name of names) api[name] = (...given) => {
      const id = ++last
      if (typeof given[0] === 'function') {
        callbacks.set(id, given[0])
        tell('call', { id, name, given: [], callback: id })
        return () => { callbacks.delete(id); tell('end', { id }) }
      }
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject })
        tell('call', { id, name, given })
      })
    }
    Object.defineProperty(window, key, { value: Object.freeze(api) })
  })
  hear('answer', ({ id, answer, error }) => {
    const waiting = pending.get(id)
    pending.delete(id)
    if (error === undefined) waiting?.resolve(answer)
    else waiting?.reject(new Error(error))
  })
  hear('said', ({ callback, said }) => callbacks.get(callback)?.(...said))
})()`
