/** Which device a person means. */
import { editDistance } from '../../../protocol/edit-distance.js'
import { AudioProblem, type DeviceKind } from '../audio.js'
import type { ListedDevice, SoundSystem } from './sound-system.js'

/**
 * The id of the device that `text` names: an id, the number in the list (from 1), a name, or words or parts of words in name or id
 * that only one device has; upper and lower case are the same in all but ids. Throws an AudioProblem `noSuchDevice` that says which it might be.
 */
export function matchDevice(
  text: string,
  kind: DeviceKind,
  devices: readonly ListedDevice[],
  knows: SoundSystem['knows'] = () => false,
): string {
  if (devices.some(({ id }) => id === text) || knows(text)) return text
  const wanted = text.toLowerCase()
  const byNumber = /^\d+$/.test(text) ? devices[Number(text) - 1] : undefined
  if (byNumber) return byNumber.id
  for (const fits of [
    ({ name }: ListedDevice) => name.toLowerCase() === wanted,
    ({ id, name }: ListedDevice) => wanted.split(/\s+/).every(word => `${name} ${id}`.toLowerCase().includes(word)),
  ]) {
    const found = devices.filter(fits)
    if (found.length === 1) return found[0]!.id
    if (found.length > 1)
      throw new AudioProblem(
        'noSuchDevice',
        `"${text}" could be more than one ${kind}.`,
        `It fits ${found.map(describe).join(' and ')}. Give more of the name, or a number of --list-devices.`,
      )
  }
  const near = nearest(wanted, devices)
  const known = devices.length > 0 ? `Known: ${devices.map(({ id }) => id).join(', ')}.` : `There is no ${kind} at all.`
  const hint = near ? `Did you mean ${describe(near)}? --list-devices shows all.` : `${known} See --list-devices.`
  throw new AudioProblem('noSuchDevice', `There is no ${kind} named ${text}.`, hint)
}

function describe({ id, name }: ListedDevice): string {
  return id === name ? `"${id}"` : `"${name}" (${id})`
}

/** The one whose name, id, or some words of them in a row, are a few slips away. */
function nearest(wanted: string, devices: readonly ListedDevice[]): ListedDevice | null {
  const most = Math.min(3, Math.floor(wanted.length / 3))
  const distances = devices.map(({ id, name }) =>
    Math.min(...[id, name].flatMap(spoken).map(words => editDistance(wanted, words.toLowerCase()))),
  )
  const least = Math.min(...distances)
  return least <= most ? devices[distances.indexOf(least)]! : null
}

function spoken(name: string): string[] {
  const words = name.split(/[\s._-]+/).filter(word => word !== '')
  const runs = words.flatMap((_, from) => words.slice(from).map((_, n) => words.slice(from, from + n + 1).join(' ')))
  return [name, ...runs]
}
