/**
 * Loaded into each program that a test starts (node --import leash.js?ms=...): ends it when the test process is gone, however
 * that ended, and after a hard time limit. The test holds the other end of pipe 3.
 */
import { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  // SIGKILL, not exit: a program that hangs or that refuses to end is what this is for.
  const end = () => process.kill(process.pid, 'SIGKILL')
  const pipe = new Socket({ fd: 3 })
  pipe.on('error', end).on('close', end).resume()
  pipe.unref()
  setTimeout(end, Number(new URL(import.meta.url).searchParams.get('ms'))).unref()
}
