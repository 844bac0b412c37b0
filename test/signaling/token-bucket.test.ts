import t from 'tap'
import { TokenBucket, TokenBuckets } from '../../signaling/token-bucket.js'

t.test('gives a burst, then a steady rate', async t => {
  const bucket = new TokenBucket(10, 3)
  t.same(
    [1, 2, 3, 4].map(() => bucket.take(0)),
    [true, true, true, false],
  )
  t.equal(bucket.take(99), false)
  t.equal(bucket.take(100), true)
  t.equal(bucket.full(400), true)
  t.equal(bucket.full(399), false)
  t.equal(bucket.take(10_000, 4), false, 'never more than the burst')
  t.equal(bucket.take(10_000, 3), true)
})

t.test('takes nothing when there is too little', async t => {
  const bucket = new TokenBucket(10, 3)
  t.equal(bucket.take(0, 5), false)
  t.equal(bucket.take(0, 3), true)
})

t.test('counts each key for itself, and stays bounded', async t => {
  const buckets = new TokenBuckets(1, 1, 10)
  t.equal(buckets.take('a', 0), true)
  t.equal(buckets.take('a', 0), false)
  t.equal(buckets.take('b', 0), true)
  for (let i = 0; i < 1000; i++) buckets.take(`key${i}`, 0)
  t.ok(buckets.size <= 10)
  buckets.take('late', 5000)
  t.ok(buckets.size <= 10)
})
