import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const tokens = readFileSync(new URL('../../web/styles/tokens.css', import.meta.url), 'utf8')

/** The values of one theme; the dark one stands on the light one. */
function themeOf(name: 'light' | 'dark'): Map<string, string> {
  const blocks = [...tokens.matchAll(/(:root[^{]*)\{([^}]*)\}/g)]
  const values = new Map<string, string>()
  for (const [, selector = '', body = ''] of blocks) {
    if (selector.includes('dark') && name === 'light') continue
    for (const [, key = '', value = ''] of body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/gi))
      values.set(key, value)
  }
  return values
}

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['ground', 'surface', 'raised', 'sunken', 'hover', 'chosen']
const levels = ['I', 'II', 'III', 'IV']

describe.each(['light', 'dark'] as const)('%s theme', (name) => {
  const theme = themeOf(name)
  const ratio = (one: string, other: string) => {
    const [a, b] = [theme.get(one), theme.get(other)]
    if (a === undefined || b === undefined) throw new Error(`no token ${a === undefined ? one : other}`)
    return contrast(a, b)
  }

  test('text is readable on every ground (WCAG AA, 4.5:1)', () => {
    for (const ground of grounds) {
      for (const ink of ['ink', 'ink-2'])
        expect(ratio(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5)
    }
    for (const ground of ['ground', 'surface', 'raised', 'hover', 'sunken']) {
      expect(ratio('ink-3', ground), `ink-3 on ${ground}`).toBeGreaterThanOrEqual(4.5)
    }
    expect(ratio('on-solid', 'solid')).toBeGreaterThanOrEqual(4.5)
    expect(ratio('on-solid', 'solid-hover')).toBeGreaterThanOrEqual(4.5)
    expect(ratio('ink', 'mark')).toBeGreaterThanOrEqual(4.5)
  })

  test('a level’s words are readable on its fill, on its soft ground and on the page', () => {
    for (const level of levels) {
      expect(ratio(`level-${level}-on`, `level-${level}-fill`), `${level} on fill`).toBeGreaterThanOrEqual(
        4.5,
      )
      for (const ground of ['surface', `level-${level}-soft`]) {
        expect(ratio(`level-${level}-ink`, ground), `${level} ink on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
    }
  })

  test('outlines of levels, inputs and focus stand out from the page (3:1)', () => {
    for (const ground of ['surface', 'ground']) {
      for (const level of levels) {
        expect(ratio(`level-${level}-edge`, ground), `${level} edge on ${ground}`).toBeGreaterThanOrEqual(3)
      }
      for (const line of ['line-strong', 'focus', 'series-1', 'series-2']) {
        expect(ratio(line, ground), `${line} on ${ground}`).toBeGreaterThanOrEqual(3)
      }
    }
  })
})

test('outside the levels every colour is neutral', () => {
  for (const name of ['light', 'dark'] as const) {
    expect(themeOf(name).size).toBeGreaterThanOrEqual(40)
    for (const [key, hex] of themeOf(name)) {
      if (key.startsWith('level-')) continue
      const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
      expect(Math.max(...parts) - Math.min(...parts), `${name} ${key} ${hex}`).toBeLessThanOrEqual(24)
    }
  }
})
