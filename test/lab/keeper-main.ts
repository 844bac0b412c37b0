/**
 * Keeps a program that is not Node's: `keeper-main.js LIMIT_MS FOLDER PROGRAM ARGS..`. Kills it and all that it started, and removes
 * the folder, when the limit is over, when it ends, and when stdin closes: however the test process ended, that closes.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const [, , limitMs, folder = '', program = '', ...args] = process.argv
const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'inherit'] })

function end(): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // All of it has ended.
  }
  // What was killed just now may still have a file to write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  process.exit()
}

child.on('error', end).on('exit', end)
process.stdin.on('error', end).on('close', end).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
setTimeout(end, Number(limitMs))
