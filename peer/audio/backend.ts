/** The sound systems that a person may ask for: apart from them, since naming one loads none. */
export const backends = ['auto', 'pulse', 'alsa', 'web', 'file'] as const
export type Backend = (typeof backends)[number]
