/** Times for people, in this machine's time zone. */

/** `3 May 2026`. `ms`: epoch. */
export function day(ms: number): string {
  return new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
}

/** `14:32`, the minute that is over by then. `ms`: epoch. */
export function timeOfDay(ms: number): string {
  const minute = Math.ceil(ms / 60_000) * 60_000
  return new Date(minute).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
