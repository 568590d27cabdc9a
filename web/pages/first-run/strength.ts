/**
 * How hard a password is to guess, 0–4, for the hint beside the input; the server has the last word on its length.
 * Length counts most: one step each at 10, 14 and 18 characters, one for at least three kinds of signs (a Chinese
 * character counts as two characters and a kind). Repetition, a run of keys, or the login in it: at most 1.
 */
const runs = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm']

export type Strength = 0 | 1 | 2 | 3 | 4

export const shortestPassword = 10

function hasRun(text: string): boolean {
  for (let at = 0; at + 5 <= text.length; at += 1) {
    const part = text.slice(at, at + 5)
    const back = [...part].reverse().join('')
    if (runs.some((run) => run.includes(part) || run.includes(back))) return true
  }
  return false
}

export function strengthOf(password: string, login: string): Strength {
  const signs = [...password]
  const han = signs.filter((sign) => /\p{Script=Han}/u.test(sign)).length
  const length = signs.length + han
  if (length < shortestPassword) return password === '' ? 0 : 1
  const lower = password.toLowerCase()
  const isPoor =
    new Set(lower).size < 6 || hasRun(lower) || (login.length >= 3 && lower.includes(login.toLowerCase()))
  if (isPoor) return 1
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\p{L}\d]/u, /\p{Script=Han}/u].filter((kind) =>
    kind.test(password),
  ).length
  const points = 1 + Number(length >= 14) + Number(length >= 18) + Number(kinds >= 3)
  return points >= 4 ? 4 : points === 3 ? 3 : points === 2 ? 2 : 1
}
