/*
 * What a reader sees in place of personal data (S3-P10.19.2). Free text keeps its length, so that the positions of matched
 * words stay true; a mask that hides too much costs a click on «reveal», one that hides too little cannot be undone.
 */
import { maskNumbers } from '../../collectors/mask.ts'

/** 王建国 → 王**, 欧阳明 → 欧阳**, Anna Smith → A***. Always as many stars: the length of a name is a hint too. */
export function maskName(name: string): string {
  const plain = name.trim()
  if (!plain) return ''
  if (!/^\p{Script=Han}/u.test(plain)) return `${[...plain][0] ?? ''}***`
  const compound = compoundSurnames.find(
    (surname) => plain.startsWith(surname) && plain.length > surname.length,
  )
  return `${compound ?? [...plain][0] ?? ''}**`
}

/** 13812345678 → 138****5678, 0571-88123456 → 0571-****3456. */
export function maskPhone(phone: string): string {
  const plain = phone.normalize('NFKC').trim()
  const digits = plain.replace(/\D/g, '').replace(/^(86|0086)(?=1[3-9]\d{9}$)/, '')
  if (/^1[3-9]\d{9}$/.test(digits)) return `${digits.slice(0, 3)}****${digits.slice(-4)}`
  const landline = /^(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})$/.exec(digits)
  if (landline) return `${landline[1]}-****${landline[2]?.slice(-4)}`
  return digits.length > 4 ? `****${digits.slice(-4)}` : '****'
}

/** 330106199001011234 → 330***********1234. */
export function maskIdNumber(id: string): string {
  const plain = id.normalize('NFKC').trim()
  return plain.length > 10
    ? `${plain.slice(0, 3)}${'*'.repeat(plain.length - 7)}${plain.slice(-4)}`
    : '*'.repeat(plain.length)
}

/** 3幢2单元1201室 → 3幢*单元****室: the building serves the handler, the door does not. */
export function maskUnit(unit: string): string {
  const plain = unit.normalize('NFKC').trim()
  const building = /^[\dA-Za-z一二三四五六七八九十]+\s*(?:号楼|幢|栋|座|#)/.exec(plain)?.[0]
  const rest = plain.slice(building?.length ?? 0)
  // 3-2-1201: the first part is the building.
  if (!building) {
    const dashed = /^([\dA-Za-z]+)([-—].+)$/.exec(plain)
    if (dashed) return `${dashed[1]}${starsForNumbers(dashed[2] ?? '')}`
  }
  return `${building ?? ''}${starsForNumbers(rest)}`
}

/** 杭州市西湖区文三路90号2幢301 → 杭州市西湖区文三路**号*幢***. */
export function maskAddress(address: string): string {
  return starsForNumbers(address.normalize('NFKC').trim())
}

const starsForNumbers = (text: string) => text.replace(/[\dA-Za-z一二三四五六七八九十]/g, '*')

/**
 * Hides phones, ID and card numbers, doors and the given names inside free text, character for character. Service lines
 * (400…, 12345) stay: they are nobody's.
 */
export function maskText(text: string, names: readonly string[] = []): string {
  let masked = maskNumbers(text).replace(
    door,
    (found: string, building: string) => building + starsForDigits(found.slice(building.length)),
  )
  for (const name of names) {
    const plain = name.trim()
    if (plain.length < 2) continue
    const shown = maskName(plain).replace(/\*+$/, '')
    masked = masked.replaceAll(plain, shown + '*'.repeat(Math.max(plain.length - shown.length, 0)))
  }
  return masked
}

const starsForDigits = (text: string) => text.replace(/[\d０-９]/g, '*')

const door =
  /([\d０-９A-Za-z一二三四五六七八九十]+(?:号楼|幢|栋|座|#楼?))[,, ]?(?:[\d０-９]+\s*单元[,, ]?)?[\d０-９]{2,4}(?:室|房|号|(?![\d０-９年月日个户人元万%.]))/g

/** What is known of the people behind a text. */
export interface KnownPerson {
  name?: string | undefined
  phone?: string | undefined
  address?: string | undefined
  unit?: string | undefined
  idNumber?: string | undefined
}

/**
 * For texts that leave the house: personal data is taken out whole and named by what it was (〔电话〕), because three leading
 * digits and a surname that help a handler tell a stranger too much. Service lines and buildings stay. Length changes.
 */
export function redactText(text: string, people: readonly KnownPerson[] = []): string {
  let redacted = narrow(text)
  const known = people.flatMap((person) => [
    [person.address, '〔地址〕'] as const,
    [person.idNumber, '〔证件号〕'] as const,
    [person.phone, '〔电话〕'] as const,
    [person.unit, '〔房号〕'] as const,
    [person.name, '〔姓名〕'] as const,
  ])
  // Longest first: an address may hold the unit.
  const values = known
    .map(([value, word]) => [narrow(value ?? '').trim(), word] as const)
    .filter(([value]) => value.length >= 2)
    .toSorted(([a], [b]) => b.length - a.length)
  for (const [value, word] of values) redacted = redacted.replaceAll(value, word)
  for (const [pattern, word] of leaving) redacted = redacted.replace(pattern, word)
  return redacted
}

/** Full-width digits, letters and the signs of numbers and addresses as half-width ones; punctuation stays Chinese. */
const narrow = (text: string) =>
  text.replace(/[０-９Ａ-Ｚａ-ｚ＋－．＠＿]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))

/** Each repetition is bounded, so that no text costs more than its length. On narrow text, in this order: what is longer or surer comes first. Separators may stand between all digits. */
const between = '[-\\s.·—–]?'
const digits = (first: string, count: number) => `(?<![\\d])${first}(?:${between}\\d){${count}}`
const surnames =
  '欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯|令狐|端木|南宫|独孤|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]'
const leaving: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g, '〔邮箱〕'],
  [new RegExp(`${digits('[1-9]', 16)}${between}[\\dXx](?![\\d])`, 'g'), '〔证件号〕'],
  [new RegExp(`${digits('[1-9]', 15)}(?:${between}\\d){0,3}(?![\\d])`, 'g'), '〔卡号〕'],
  [new RegExp(`${digits('[1-9]', 14)}(?![\\d])`, 'g'), '〔证件号〕'],
  [
    new RegExp(`(?<![\\d])(?:(?:\\+|00)?86[- ]?)?1${between}[3-9](?:${between}\\d){9}(?![\\d])`, 'g'),
    '〔电话〕',
  ],
  [/(?<!\d)0(?:10|2\d|[3-9]\d{2})[-— )）]{0,2}\d{3,4}[- ]?\d{4}(?!\d)/g, '〔电话〕'],
  [/((?:微信号?|QQ号?|VX|vx|wx)\s*[:：是为]?\s*)[A-Za-z0-9_-]{5,20}/g, '$1〔账号〕'],
  [/((?:姓名|联系人|投诉人|业主姓名|经办人)\s*[:：是]\s*)[\p{Script=Han}·]{2,4}/gu, '$1〔姓名〕'],
  [new RegExp(`(${surnames})\\p{Script=Han}{1,2}(?=先生|女士|小姐)`, 'gu'), '$1某'],
  [
    /([\dA-Za-z一二三四五六七八九十]{1,4}(?:号楼|幢|栋|座|#楼?))[,，, ]?(?:\d+\s*单元[,，, ]?)?\d{2,4}(?:室|房|号|(?![\d.年月日个户人元万%]))/g,
    '$1〔房号〕',
  ],
  [/(?<![\dA-Za-z])\d{1,3}-\d{1,2}-\d{3,4}(?![\d-])/g, '〔房号〕'],
]

const compoundSurnames = [
  '欧阳',
  '司马',
  '上官',
  '诸葛',
  '东方',
  '皇甫',
  '尉迟',
  '公孙',
  '慕容',
  '司徒',
  '夏侯',
  '令狐',
  '端木',
  '南宫',
  '独孤',
]
