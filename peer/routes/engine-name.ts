/** Node's engines of the direct route: apart from them, since naming one loads none. */
export const engineNames = ['native', 'werift'] as const
export type EngineName = (typeof engineNames)[number]
