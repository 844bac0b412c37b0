import { editDistance } from './edit-distance.js'

/** For a word that is nearly right: ` Did you mean "route"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const wanted = word.toLowerCase()
  const ranked = known
    .map(each => ({ each, distance: editDistance(wanted, each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  const near = best !== undefined && best.distance <= Math.max(1, Math.floor(best.each.length / 3))
  return near ? ` Did you mean "${best.each}"?` : ''
}

/** Why a command does not do `action`: a sentence or two. */
export function noSuchAction(command: string, action: string, known: readonly string[]): string {
  return `${command} has no "${action}".${didYouMean(action, known) || ` It has ${known.join(', ')}.`}`
}
