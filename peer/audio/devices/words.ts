/** What works without any sound system, for hints. */
export const INSTEAD = 'use --mic file:PATH.wav, tone or none and --speaker file:PATH.wav or none'
