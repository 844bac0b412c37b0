import type { Test } from 'tap'

/** As many as there are patterns, each like its pattern. `t.match` alone is content with a longer list. */
export function matchAll(
  t: Test,
  found: readonly unknown[],
  patterns: readonly unknown[],
  message = `there are ${patterns.length}`,
): void {
  if (found.length === patterns.length) t.match(found, patterns, message)
  else t.same(found, patterns, message)
}
