/** What makes a server private: reads its access file, its members and its key for invitations, and looks now and then whether they changed. */
import { readFileSync } from 'node:fs'
import { fileReason } from '../protocol/node-file-reason.js'
import type { StateFile } from '../protocol/node-state-file.js'
import { StateProblem } from '../protocol/node-state-problem.js'
import { reasonOf } from '../protocol/reason.js'
import type { Result } from '../protocol/result.js'
import { type Grant, parseAccessFile } from './access-list.js'
import { Admission } from './admission.js'
import { FileWatch } from './file-watch.js'
import { inviteKey } from './invite-key.js'
import type { Logger } from './log.js'
import { memberFile } from './member-file.js'
import type { Members } from './members.js'
import { ServerProblem } from './server-problem.js'
import { withState } from './state-dir.js'

/** How often it looks, ms. A change of the access file is taken up at the second look that sees it. */
const LOOK_MS = 1000

export interface PrivateServerOptions {
  /** Path of the access file; absent: there are members only. */
  readonly accessFile?: string | undefined
  /** Absent: it takes no invitations. Its lock is held. */
  readonly stateDir?: string | undefined
  readonly log: Logger
  /** Whether the log names ids; no unless given. */
  readonly logIds?: boolean | undefined
}

export class PrivateServer {
  readonly admission: Admission
  readonly #log: Logger
  readonly #accessFile: FileWatch | null
  readonly #memberFile: StateFile<Members> | null
  readonly #memberWatch: FileWatch | null
  #onChange: () => void = () => {}
  #timer: NodeJS.Timeout | undefined

  /** Throws a ServerProblem, `badAccessFile` or one of state. */
  constructor({ accessFile, stateDir, log, logIds = false }: PrivateServerOptions) {
    this.#log = log
    const files = stateDir === undefined ? null : openState(stateDir)
    this.#memberFile = files?.store ?? null
    this.#memberWatch = files && new FileWatch(files.store.path)
    this.#accessFile = accessFile === undefined ? null : new FileWatch(accessFile)
    this.admission = new Admission({
      ...(files && { invitations: { publicKey: files.publicKey, store: files.store } }),
      joined: id => log.info(logIds ? { id } : {}, 'new member'),
      onProblem: error => log.error({ why: reasonOf(error) }, 'members could not be saved'),
    })
    if (files?.members) this.admission.setMembers(files.members)
    if (accessFile !== undefined) {
      const listed = readAccessFile(accessFile)
      if (!listed.ok)
        throw new ServerProblem('badAccessFile', listed.error.message, 'Correct the file, and start again.')
      this.admission.setListed(listed.value)
    }
  }

  /** Looks from now on whether the files have changed. `onChange`: who may come in may have changed. */
  watch(onChange: () => void): void {
    this.#onChange = onChange
    this.#timer = setInterval(() => {
      if (this.#accessFile?.settledAnew()) this.#takeUpList()
      if (this.#memberWatch?.settledAnew()) this.#takeUpMembers()
    }, LOOK_MS).unref()
  }

  /** Reads both files now. */
  reload(): void {
    this.#takeUpList()
    this.#takeUpMembers()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #takeUpList(): void {
    if (!this.#accessFile) return
    const listed = readAccessFile(this.#accessFile.path)
    if (!listed.ok) {
      this.#log.warn({}, `${listed.error.message} The list from before it stays in force.`)
      return
    }
    this.admission.setListed(listed.value)
    this.#log.info({ lines: listed.value.length }, 'access file read again')
    this.#onChange()
  }

  #takeUpMembers(): void {
    try {
      const members = this.#memberFile?.read()
      if (!members) return
      this.admission.setMembers(members)
      this.#onChange()
    } catch (error) {
      if (!(error instanceof StateProblem)) throw error
      this.#log.warn({}, `${error.message} The members from before it stay.`)
    }
  }
}

function openState(stateDir: string) {
  return withState(() => {
    const store = memberFile(stateDir)
    return { publicKey: inviteKey(stateDir).publicKey, store, members: store.read() }
  })
}

function readAccessFile(path: string): Result<Grant[], 'badAccessFile'> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return {
      ok: false,
      error: { name: 'badAccessFile', message: `The access file ${path} cannot be read: ${fileReason(error)}.` },
    }
  }
  const parsed = parseAccessFile(text)
  if (parsed.ok) return parsed
  return {
    ok: false,
    error: { ...parsed.error, message: `The access file ${path} is damaged. ${parsed.error.message}` },
  }
}
