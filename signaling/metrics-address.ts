import { fail, ok, type Result } from '../protocol/result.js'

/** Where monitors find the figures (metrics-port.ts). */
export interface MetricsAddress {
  readonly host: string
  readonly port: number
}

/** Reads `9464` (on loopback), `10.0.0.5:9464` or `[fd00::5]:9464`. */
export function parseMetricsAddress(text: string): Result<MetricsAddress, 'badMetricsAddress'> {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits !== '' && port <= 65535) return ok({ host: bracketed ?? plain ?? '127.0.0.1', port })
  return fail('badMetricsAddress', 'Write a port, or an address and a port: 9464, 10.0.0.5:9464 or [fd00::5]:9464.')
}
