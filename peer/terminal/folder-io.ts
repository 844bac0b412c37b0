import { CONFIG_FOLDER } from './config-folder.js'

/** What a command that shows or changes this person's files has to do with the world. */
export interface FolderIO {
  readonly write: (text: string) => void
  /** Where those files are. */
  readonly folder: string
  /** Epoch ms. */
  readonly now: () => number
}

export const realFolder: FolderIO = {
  write: text => void process.stdout.write(text),
  folder: CONFIG_FOLDER,
  now: Date.now,
}
