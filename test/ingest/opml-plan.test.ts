import { expect, test } from 'vitest'
import { planFeeds } from '../../server/ingest/opml-plan.ts'

const outcomes = (plan: ReturnType<typeof planFeeds>) => plan.map((feed) => [feed.outcome, feed.sourceName])

test('an address that is read already, or stands twice, is found however it is written', () => {
  const known = [{ name: '云湖房产', url: 'http://news.example/feed/?b=2&a=1' }]
  const plan = planFeeds(
    [
      { title: '甲', url: 'https://NEWS.example/feed?a=1&b=2&utm_source=x' },
      { title: '乙', url: 'https://b.example/rss' },
      { title: '丙', url: 'http://b.example/rss/' },
    ],
    known,
  )
  expect(outcomes(plan)).toEqual([
    ['exists', '云湖房产'],
    ['new', '乙'],
    ['repeated', '乙'],
  ])
})

test('a taken name gets its host, then a number, and never grows over its limit', () => {
  const long = '长'.repeat(120)
  const plan = planFeeds(
    [
      { title: '快讯', url: 'https://a.example/1' },
      { title: '快讯', url: 'https://a.example/2' },
      { title: '快讯', url: 'https://a.example/3' },
      { title: long, url: 'https://a.example/4' },
      { title: long, url: 'https://a.example/5' },
    ],
    [{ name: '快讯', url: null }],
  )
  expect(plan.slice(0, 3).map((feed) => feed.sourceName)).toEqual([
    '快讯 (a.example)',
    '快讯 (a.example) 2',
    '快讯 (a.example) 3',
  ])
  expect(new Set(plan.map((feed) => feed.sourceName)).size).toBe(5)
  for (const feed of plan) expect(feed.sourceName.length).toBeLessThanOrEqual(100)
})

test('what a person left out is not taken, and does not stand in the way of its twin', () => {
  const plan = planFeeds(
    [
      { title: '甲', url: 'https://a.example/1' },
      { title: '乙', url: 'https://a.example/1' },
    ],
    [],
    new Set([0]),
  )
  expect(outcomes(plan)).toEqual([
    ['left-out', '甲'],
    ['new', '乙'],
  ])
})
