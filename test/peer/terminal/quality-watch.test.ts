import t from 'tap'
import { QualityWatch } from '../../../peer/terminal/quality-watch.js'
import { stats } from './views.js'

/** What is told in seconds of which so many frames are lost; `-` stands for nothing. */
function told(lost: readonly number[], silent = false): string {
  const watch = new QualityWatch()
  let framesLost = 0
  const news = lost.map((frames, second) => {
    framesLost += frames
    return watch.take(stats({ framesLost, framesConcealed: 0 }), { silent, peerMuted: false }, second * 1000)
  })
  return news.map(word => word?.[0] ?? '-').join('')
}

const seconds = (n: number, lost: number) => Array<number>(n).fill(lost)

t.test('says nothing of a good call, nor of a hiccup', async t => {
  t.match(told(seconds(60, 0)), /^-+$/)
  t.match(told([...seconds(20, 0), 50, 50, ...seconds(20, 0)]), /^-+$/)
  t.match(told(seconds(60, 2)), /^-+$/, 'fair')
})

t.test('says once that it is poor, and once that it is good again', async t => {
  t.match(told([...seconds(20, 0), ...seconds(30, 20), ...seconds(30, 0)]), /^-{20,}p-+g-+$/)
  t.match(told([...seconds(20, 0), ...seconds(30, 20), ...seconds(30, 3)]), /^-{20,}p-+$/, 'fair is not good')
})

t.test('leaves silence to the sentence that tells of it', async t => {
  t.match(told(seconds(40, 50), true), /^-+$/)
})
