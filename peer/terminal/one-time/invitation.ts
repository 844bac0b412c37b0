/** How the other side of a one-time call learns the code, and what to type. */
import type { OneTimeSide } from './sentences.js'

/** What the other side of a one-time call has to be told. */
export interface Invitation {
  /** `7-orbit-maple`. */
  readonly code: string
  /** The whole command for the other side, the code in it. */
  readonly command: string
  /** How long this program waits, seconds; null: until it is ended. */
  readonly waitSeconds: number | null
}

/** `server`: as the other side dials it. */
export function invitationOf({ code }: OneTimeSide, server: string, waitSeconds: number | null = null): Invitation {
  return { code, command: `npx voicechat-peer --code ${code} --server ${server}`, waitSeconds }
}

export function howLong({ waitSeconds }: Invitation): string {
  const seconds = `${waitSeconds} second${waitSeconds === 1 ? '' : 's'}`
  const time = waitSeconds === null ? 'as long as this program waits' : `for ${seconds}`
  return `Good for one call and one try, ${time}.`
}

/** A line each. */
export function invitationLines(invitation: Invitation): string[] {
  const { code, command } = invitation
  return ['', `    ${code}`, '', howLong(invitation), `The other side joins with:  ${command}`]
}

/** The command in lines of at most `width` columns where its words allow; a shell takes them as one. */
export function wrapCommand(command: string, width: number): string[] {
  const [first = '', ...words] = command.split(' ')
  const lines = [first]
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length + 2 <= width) lines[lines.length - 1] = longer
    else lines.push(`  ${word}`)
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line))
}
