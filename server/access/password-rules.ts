/** Why a password is refused; the pages have the words. */
export type Weakness = 'too-short' | 'too-long' | 'is-login' | 'too-common'

const MIN_PASSWORD = 10
/** A longer text only makes the hash slow. */
const MAX_PASSWORD = 200

// Ten characters and more that stand in every list of stolen passwords; shorter ones are refused by length.
const common = new Set(
  `password12 password123 password1234 passw0rd123 p@ssw0rd123 administrator admin12345 admin123456 administrator1
  qwerty12345 qwerty123456 qwertyuiop1 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsxcde q1w2e3r4t5 qazwsxedcrfv
  iloveyou123 iloveyou1314 woaini1314 woaini1314520 woaini520520 5201314520 a123456789 aa123456789 abc123456789
  123456789a 123456789abc 123456789q 1234567890a letmein1234 welcome123 welcome1234 changeme123 sunshine123
  football123 trustno1trustno1 zhang123456 wang123456 li123456789 woaiwojia123 asd123456789 qwe123456789
  asdf123456 zxcvbnm123 zxcvbnm123456 88888888aa weiyu12345 weiyu123456`.split(/\s+/),
)
const runs = ['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm']
const backwards = (text: string) => [...text].reverse().join('')

/** The rules of a password: long, not the login, not one that everybody tries. Composition rules only make people write them down. */
export function weaknessOf(password: string, login: string): Weakness | undefined {
  const text = password.normalize('NFKC')
  if ([...text].length < MIN_PASSWORD) return 'too-short'
  if (text.length > MAX_PASSWORD) return 'too-long'
  const small = text.toLowerCase()
  const name = login.toLowerCase()
  if (small === name || small === backwards(name) || small === name + name) return 'is-login'
  const isRun = runs.some((run) => run.includes(small) || backwards(run).includes(small))
  if (isRun || common.has(small) || new Set(small).size < 4) return 'too-common'
  return undefined
}
