/** `--print-config`: what is in force as a configuration file, which sets the same again. Of a secret it knows the file's path alone. */
import type { Found } from './config.js'

/** `version`: of this program. */
export function printedConfig(found: readonly Found[], version: string): string {
  const parts = found.map(({ setting, value, from }) => {
    const values = value === undefined ? [] : setting.repeatable ? (value as readonly unknown[]) : [value]
    const lines = values.map(each => `${setting.name} = ${setting.write?.(each) ?? each}`)
    return [`# ${from}: ${setting.what}`, ...(lines.length > 0 ? lines : [`# ${setting.name} =`])].join('\n')
  })
  return `# What voicechat-server ${version} would run with, and where each comes from.\n\n${parts.join('\n\n')}\n`
}
