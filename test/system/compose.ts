/** signaling/deploy/compose.yaml, as Docker would read it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../lab/checkout.js'

export const DEPLOY = join(ROOT, 'signaling/deploy')

export interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: readonly string[]
  readonly secrets?: readonly string[]
  readonly volumes?: readonly string[]
  readonly stop_grace_period?: string
}

export interface Compose {
  readonly services: Readonly<Record<'server' | 'caddy' | 'coturn', Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly volumes: Readonly<Record<string, null>>
}

/** With the variables of a .env put in. Throws when one that has to be there is not. */
export function readCompose(env: Readonly<Record<string, string>>): Compose {
  const text = readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8')
  const whole = text.replace(/\$(?:(\$)|\{(\w+)(:\?|:-)?\})/g, (_, dollar, name, how) => {
    if (dollar) return '$'
    if (env[name] === undefined && how !== ':-') throw new Error(`${name} is not set`)
    return env[name] ?? ''
  })
  return parse(whole)
}
