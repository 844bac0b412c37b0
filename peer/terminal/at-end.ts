/** What has to be put right however the program ends, before anything else is said: the terminal above all. */

const tasks = new Set<() => void>()

/** Has `task` run when the program exits or crashes; it must be quick and must not throw. Returns how not to. */
export function atEnd(task: () => void): () => void {
  if (tasks.size === 0) process.once('exit', runAtEnd)
  tasks.add(task)
  return () => {
    tasks.delete(task)
    if (tasks.size === 0) process.off('exit', runAtEnd)
  }
}

/** Runs what is left to be run, each once. */
export function runAtEnd(): void {
  for (const task of [...tasks]) {
    tasks.delete(task)
    task()
  }
}
