/** Web pages of others that want in, and requests for what is not there. */
import { addressOf, type StartAttack, steadilyAtMost } from '../attack.js'
import { dial } from '../intruder.js'

const PER_SECOND = 150
const MOST = 60
const ADDRESSES = 20

export const wrongOrigin: StartAttack = (target, counts) => {
  let number = 0
  return steadilyAtMost(MOST, PER_SECOND, ended => {
    const n = number++
    const url = n % 2 ? target.url : `${target.url}/elsewhere`
    dial(
      { ...target, url },
      addressOf(10, n % ADDRESSES),
      why => {
        counts.add(why)
        ended()
      },
      { origin: 'https://evil.example' },
    )
  })
}
