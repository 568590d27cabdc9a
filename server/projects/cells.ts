// One cell of a spreadsheet → a checked value, or what is wrong with it and how to mend it.

export interface Bilingual {
  zh: string
  en: string
}

export type Value = string | number | null | readonly string[]
export type Cell = { ok: true; value: Value } | { ok: false; problem: Bilingual; cure: Bilingual }

const good = (value: Value): Cell => ({ ok: true, value })
const bad = (problem: Bilingual, cure: Bilingual): Cell => ({ ok: false, problem, cure })

export function textCell(max: number) {
  return (cell: string): Cell => {
    const value = cell.normalize('NFC').replace(/\s+/g, ' ').trim()
    if (value.length <= max) return good(value === '' ? null : value)
    return bad(
      { zh: `文字过长（${value.length} 字）`, en: `the text has ${value.length} characters` },
      { zh: `缩短到 ${max} 字以内`, en: `shorten it to ${max} characters` },
    )
  }
}

export function wordCell(
  list: readonly { value: string; zh: string; en: string }[],
  find: (text: string) => string | undefined,
) {
  return (cell: string): Cell => {
    if (cell.trim() === '') return good(null)
    const value = find(cell)
    if (value) return good(value)
    return bad(
      { zh: `「${short(cell)}」不在可选范围内`, en: `“${short(cell)}” is not one of the words` },
      {
        zh: `填写其中之一：${list.map((word) => word.zh).join('、')}`,
        en: `write one of: ${list.map((word) => word.en).join(', ')}`,
      },
    )
  }
}

export function countCell(max: number) {
  return (cell: string): Cell => {
    const digits = cell.normalize('NFKC').replace(/[,\s]|户$/g, '')
    if (digits === '') return good(null)
    const value = Number(digits)
    if (/^\d+(\.0+)?$/.test(digits) && value <= max) return good(value)
    return bad(
      {
        zh: `「${short(cell)}」不是 0 到 ${max} 的整数`,
        en: `“${short(cell)}” is not a whole number from 0 to ${max}`,
      },
      { zh: '填写整数，例如 1280', en: 'write a whole number such as 1280' },
    )
  }
}

/** Degrees within China (GB/T 2260 covers 73–136° E, 3–54° N); the other axis's range means the two were exchanged. */
export function degreeCell(min: number, max: number, otherMin: number, otherMax: number) {
  return (cell: string): Cell => {
    const text = cell.normalize('NFKC').replace(/[°\s]/g, '')
    if (text === '') return good(null)
    const value = Number(text)
    if (Number.isFinite(value) && value >= min && value <= max) return good(value)
    const isExchanged = Number.isFinite(value) && value >= otherMin && value <= otherMax
    return bad(
      {
        zh: `「${short(cell)}」不在 ${min}–${max} 之间`,
        en: `“${short(cell)}” is not between ${min} and ${max}`,
      },
      isExchanged
        ? { zh: '经度与纬度填反了，请对调', en: 'longitude and latitude are exchanged: swap them' }
        : { zh: '填写十进制度数，例如 120.153', en: 'write decimal degrees such as 120.153' },
    )
  }
}

/** A calendar day as people and programs write it → YYYY-MM-DD. */
export function dayCell(cell: string): Cell {
  const text = cell.normalize('NFKC').replace(/\s+/g, '')
  if (text === '') return good(null)
  const parts =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(text) ??
    /^(\d{4})-(\d{2})-(\d{2})T/.exec(text)
  if (parts) {
    const [year, month, day] = parts.slice(1).map(Number)
    const value = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
    const exists = value.getUTCMonth() === (month ?? 0) - 1 && value.getUTCDate() === day
    if (exists && (year ?? 0) >= 1990 && (year ?? 0) <= 2100) return good(value.toISOString().slice(0, 10))
  }
  return bad(
    { zh: `「${short(cell)}」不是日历上的一天`, en: `“${short(cell)}” is not a day of the calendar` },
    { zh: '写到日，例如 2026-09-01', en: 'give year, month and day, such as 2026-09-01' },
  )
}

/** Several names in one cell, separated by 、 or ; or line breaks. One character alone would match every text. */
export function namesCell(shortest: number) {
  return (cell: string): Cell => {
    const names = [
      ...new Set(
        cell
          .normalize('NFC')
          .split(/[、;；|\n]/)
          .map((name) => name.trim())
          .filter(Boolean),
      ),
    ]
    const wrong = names.find((name) => name.length < shortest || name.length > 60)
    if (wrong === undefined) return good(names)
    return bad(
      { zh: `「${short(wrong)}」太短或太长`, en: `“${short(wrong)}” is too short or too long` },
      {
        zh: `每个名称 ${shortest} 到 60 字，用顿号分隔`,
        en: `names have ${shortest} to 60 characters, separated by 、 or ;`,
      },
    )
  }
}

export function hostsCell(cell: string): Cell {
  const hosts = [
    ...new Set(
      cell
        .toLowerCase()
        .split(/[、,;；|\s]+/)
        .filter(Boolean),
    ),
  ]
  const wrong = hosts.find((host) => !/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/.test(host))
  if (wrong === undefined) return good(hosts)
  return bad(
    { zh: `「${short(wrong)}」不是域名`, en: `“${short(wrong)}” is not a host name` },
    { zh: '只写域名，例如 news.example.cn', en: 'write the host alone, such as news.example.cn' },
  )
}

const short = (text: string) => (text.length > 24 ? `${text.slice(0, 24)}…` : text)
