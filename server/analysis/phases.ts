/**
 * Phase (期 区 组团 地块) and building (栋 号楼 座 幢 单元) beside a project's name, in one form however they are written:
 * 2期 Ⅱ期 第二期 are 二期, 3# 3号楼 3幢 are 3栋. Counts are no labels: «共18栋», «三栋楼» and «分12期付款» give nothing.
 *
 * Example: «一期3、5号楼2单元» gives phases 一期, buildings 3栋, 5栋2单元.
 */
export interface Units {
  phases: readonly string[]
  buildings: readonly string[]
}

const HAN = '一二三四五六七八九十'
const han = `[${HAN}]{1,3}`
const MOST_PHASE = 20
/** A range of more buildings than this names the whole estate. */
const MOST_RANGE = 30

/** Whole numbers up to 99; undefined for anything else. */
export function numberOf(written: string): number | undefined {
  if (/^\d{1,3}$/.test(written)) return Number(written)
  const roman = /^(?:I{1,3}|IV|VI{0,3}|IX|X)$/.test(written)
    ? ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'].indexOf(written) + 1
    : 0
  if (roman > 0) return roman
  const [, tens, ten, ones] = /^([一二三四五六七八九])?(十)?([一二三四五六七八九])?$/.exec(written) ?? []
  if (written === '' || (tens && ones && !ten)) return undefined
  const digit = (character: string | undefined) => (character ? HAN.indexOf(character) + 1 : 0)
  return ten ? (digit(tens) || 1) * 10 + digit(ones) : digit(tens ?? ones) || undefined
}

function inHan(n: number): string {
  const digit = (of: number) => HAN[of - 1] ?? ''
  return n <= 10 ? digit(n) : `${n >= 20 ? digit(Math.floor(n / 10)) : ''}十${digit(n % 10)}`
}

const flat = (text: string) => text.normalize('NFKC').toUpperCase().replace(/\s+/g, '')

const phase = new RegExp(
  `(?<![分成付还月\\d${HAN}A-Z])第?(\\d{1,2}|${han}|[IVX]{1,4})期(?!货|间|限|待|望)`,
  'g',
)
// A bare direction or number is a zone only right after the name or its phase: «云境花园东区», not «城东区政府».
const zone = new RegExp(
  `(?:(?<=^|期)([东西南北中]|${han}|\\d{1,2})|(?<![A-Z])([A-Z]))(组团|地块|区)(?![县市委政])`,
  'g',
)
const item = '[A-Z]?\\d{1,3}|[A-Z]'
const join = '[、,和及与/]|[-~—至到]'
const buildings = new RegExp(
  `(?<![共有建达约近\\dA-Z.])((?:(?:${item})(?:#|号楼|号|栋|幢)?(?:${join})){0,8}(?:${item}))(?:#楼?|号楼|号栋|栋(?!楼)|栋楼(?!房)|幢|座(?![桥山塔电厂车]))(?:(\\d{1,2}|${han})单元)?`,
  'g',
)
const buildingInHan = new RegExp(
  `(?:(?<![\\d${HAN}])(${han})号楼|第(${han})[栋幢座])(?:(\\d{1,2}|${han})单元)?`,
  'g',
)
const unitAlone = new RegExp(`(?<![栋楼幢座#\\d${HAN}])(\\d{1,2}|${han})单元`, 'g')

/** Phases and buildings in a short piece of text, in text order. */
export function readUnits(piece: string): Units {
  const text = flat(piece)
  const phases: string[] = []
  for (const [, written = ''] of text.matchAll(phase)) {
    const n = numberOf(written)
    if (n !== undefined && n > 0 && n <= MOST_PHASE) phases.push(`${inHan(n)}期`)
  }
  for (const [, bare, letter, kind] of text.matchAll(zone)) {
    const n = bare === undefined ? undefined : numberOf(bare)
    phases.push(`${letter ?? (n === undefined ? bare : inHan(n))}${kind}`)
  }
  const found: string[] = []
  const add = (label: string | number, unit: string | undefined) => {
    const n = unit === undefined ? undefined : numberOf(unit)
    found.push(`${label}栋${n === undefined ? '' : `${n}单元`}`)
  }
  for (const [, list = '', unit] of text.matchAll(buildings)) {
    const labels = labelsOf(list)
    for (const [at, label] of labels.entries()) add(label, at === labels.length - 1 ? unit : undefined)
  }
  for (const [, named, counted, unit] of text.matchAll(buildingInHan)) {
    const n = numberOf(named ?? counted ?? '')
    if (n !== undefined) add(n, unit)
  }
  for (const [, unit = ''] of text.matchAll(unitAlone)) {
    const n = numberOf(unit)
    if (n !== undefined) found.push(`${n}单元`)
  }
  return { phases: [...new Set(phases)], buildings: [...new Set(found)] }
}

function labelsOf(list: string): string[] {
  const labels: string[] = []
  for (const [, before = '', label = ''] of list.matchAll(/(^|[^A-Z\d]+)([A-Z]?\d{1,3}|[A-Z])/g)) {
    const [from, to] = [Number(labels.at(-1)), Number(label)]
    if (/[-~—至到]/.test(before) && to > from && to - from <= MOST_RANGE) {
      for (let n = from + 1; n <= to; n++) labels.push(String(n))
    } else labels.push(/^\d+$/.test(label) ? String(Number(label)) : label)
  }
  return labels
}
