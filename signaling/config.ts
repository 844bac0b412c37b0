/** What is set, and where: the command line counts more than the environment, that more than the file, that more than the default. */
import { dirname } from 'node:path'
import { didYouMean } from '../protocol/did-you-mean.js'
import { linesOf, settingLines } from '../protocol/node-setting-lines.js'
import { parseTexts } from './setting.js'
import { type NamedSetting, settings } from './settings.js'

export interface ConfigFile {
  /** As it was named. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** A setting with its value; `from`: a flag, a variable, lines of the file, `default`, or `not set`. */
export interface Found {
  readonly setting: NamedSetting
  readonly value: unknown
  readonly from: string
}

type Sources = ReadonlyMap<string, Pick<Found, 'value' | 'from'>>

/** `flags`: by name; false: leave out what is said elsewhere. `problems`: all that are wrong, a line each; then nothing else is of use. */
export function settle(
  flags: ReadonlyMap<string, unknown>,
  env: NodeJS.ProcessEnv,
  file: ConfigFile | null,
): { readonly found: readonly Found[]; readonly problems: readonly string[] } {
  const problems: string[] = []
  // All is looked at, also what something else overrides: a mistake should not wait.
  const inFile: Sources = file ? readFile(file, problems) : new Map()
  const inEnv = readEnvironment(env, problems)
  const found = settings.map((setting): Found => {
    const { name, operand, repeatable } = setting
    const value = setting.default ?? (repeatable ? [] : undefined)
    const flag = flags.get(name)
    if (flag === false) return { setting, value: operand === undefined ? false : value, from: `--no-${name}` }
    if (flag !== undefined) return { setting, value: flag, from: `--${name}` }
    const said = inEnv.get(name) ?? inFile.get(name)
    return { setting, ...(said ?? { value, from: setting.default === undefined ? 'not set' : 'default' }) }
  })
  return { found, problems }
}

function readFile({ path, bytes }: ConfigFile, problems: string[]): Sources {
  const sources = new Map<string, { value: unknown; from: string; line: number }>()
  const lines = linesOf(bytes)
  if (!lines.ok) {
    problems.push(`${path}: ${lines.error.message}`)
    return sources
  }
  const { entries, bad } = settingLines(lines.value)
  const wrong = bad.map(({ line, text }) => ({ line, what: `${shown(text)} is no "key = value", and no "# comment".` }))
  for (const { line, key, text } of entries) {
    const setting = settings.find(({ name }) => name === key)
    const before = sources.get(key)
    if (!setting) wrong.push({ line, what: unknownKey(key) })
    else if (before && !setting.repeatable)
      wrong.push({ line, what: `${key}: It is set on line ${before.line} already.` })
    else {
      const { value, problem } = parsedValue(setting, text, dirname(path))
      if (problem !== undefined) wrong.push({ line, what: problem })
      const all = before ? [...(before.value as unknown[]), ...(value as unknown[])] : value
      sources.set(key, { value: all, line, from: before ? `${before.from}, ${line}` : `${path}:${line}` })
    }
  }
  wrong.sort((a, b) => a.line - b.line)
  problems.push(...wrong.map(({ line, what }) => `${path}:${line}: ${what}`))
  return sources
}

/** A variable that is set to nothing is as good as none. */
function readEnvironment(env: NodeJS.ProcessEnv, problems: string[]): Sources {
  const sources = new Map<string, Pick<Found, 'value' | 'from'>>()
  for (const setting of settings) {
    const { name, variable } = setting
    const text = env[variable]
    if (!text) continue
    const { value, problem } = parsedValue(setting, text, process.cwd())
    if (problem !== undefined) problems.push(`${variable}: ${problem}`)
    sources.set(name, { value, from: variable })
  }
  return sources
}

function parsedValue(setting: NamedSetting, text: string, folder: string): { value: unknown; problem?: string } {
  const parsed = parseTexts(setting, text, folder)
  if (parsed.ok) return { value: setting.repeatable ? parsed.value : parsed.value[0] }
  const not = text.trim() === '' ? '' : `, not ${shown(text)}`
  const problem = `${setting.name}: ${parsed.error.message.replace(/\.$/, '')}${not}.`
  return { value: setting.repeatable ? [] : undefined, problem }
}

function unknownKey(key: string): string {
  if (ONE_RUN.includes(key)) return `"${key}" is for the command line only.`
  const names = settings.map(({ name }) => name)
  return `"${key}" is no setting.${didYouMean(key, names) || ' voicechat-server --help names them all.'}`
}

const ONE_RUN = ['config', 'print-config', 'help', 'version']

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
