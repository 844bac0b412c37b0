/** Is what was set for this program, by files, environment and options, something that it can use? */
import { type Finding, fault, okay } from './finding.js'

/** Resolves, or rejects with what is wrong: an error with a `hint`. */
export type ConfigurationProbe = () => Promise<unknown>

/** `where`: the folder that is looked into, for people. */
export async function checkConfiguration(probes: readonly ConfigurationProbe[], where: string): Promise<Finding> {
  const outcomes = await Promise.allSettled(probes.map(probe => probe()))
  const problems = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [sentences(outcome.reason)] : []))
  if (problems.length === 0) return okay(`Environment, options and ${where} are fine.`)
  return fault(problems.map(({ message }) => message).join(' '), problems.flatMap(({ hint }) => hint || []).join(' '))
}

function sentences(problem: unknown): { message: string; hint: string } {
  const message = problem instanceof Error ? problem.message : String(problem)
  const hint = problem instanceof Error && 'hint' in problem ? String(problem.hint) : ''
  return { message, hint }
}
