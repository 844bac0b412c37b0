/** What a browser would be given: our compiled modules with all that they import, as one script. */
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type InputOptions, type OutputChunk, type OutputOptions, rolldown } from 'rolldown'

export interface Bundle {
  readonly code: string
  /** Paths of the modules in it. */
  readonly modules: readonly string[]
  /** Built-in modules of Node that it would still need, and global names that only Node has. */
  readonly nodeOnly: readonly string[]
}

export interface BundleOptions {
  /** Smaller, as it would be served. */
  readonly minify?: boolean
  /** Also what nobody calls; false if not given. */
  readonly whole?: boolean
}

const NODE_GLOBALS = ['Buffer', 'process', 'require', 'setImmediate', '__dirname', '__filename']

/** `entries`: URLs of JavaScript modules. Rejects when one of their imports can't be found. */
export async function bundle(
  entries: readonly URL[],
  { minify = false, whole = false }: BundleOptions = {},
): Promise<Bundle> {
  const builtins = new Set<string>()
  const names = entries.map(entry => `import ${JSON.stringify(fileURLToPath(entry))}`)
  const chunk = await build(names.join('\n'), {
    treeshake: !whole,
    output: { minify },
    external: id => isBuiltin(id) && builtins.add(id) !== null,
  })
  const modules = chunk.moduleIds.filter(id => !id.startsWith('\0'))
  return { code: chunk.code, modules, nodeOnly: [...builtins, ...(await globalsIn(chunk.code))] }
}

/** Those of Node's global names that this script does not declare itself. The bundler knows scopes: it renames only what is free. */
async function globalsIn(code: string): Promise<string[]> {
  const mark = (name: string) => `nodeOnly$${name}`
  const define = Object.fromEntries(NODE_GLOBALS.map(name => [name, mark(name)]))
  const marked = await build(code, { treeshake: false, transform: { define }, external: () => true })
  return NODE_GLOBALS.filter(name => marked.code.includes(mark(name)))
}

async function build(script: string, options: InputOptions & { output?: OutputOptions }): Promise<OutputChunk> {
  const { output: outputOptions, ...input } = options
  const start = '\0start'
  const built = await rolldown({
    ...input,
    input: start,
    platform: 'browser',
    logLevel: 'silent',
    plugins: [
      {
        name: 'start',
        resolveId: id => (id === start ? id : null),
        load: id => (id === start ? { code: script, moduleType: 'js', moduleSideEffects: true } : null),
      },
    ],
  })
  try {
    const { output } = await built.generate({ ...outputOptions, format: 'esm', comments: false, codeSplitting: false })
    return output[0]
  } finally {
    await built.close()
  }
}
