// A page that came instead of the one that was asked for: captcha, sign-in, refusal, robot check. Such pages answer 200, so
// only their look tells. They hold few words; a page with a text of its own is never taken for one, because an article
// about captchas, or one with «sign in» in its head, is the common case and a lost article is the worse error.
import { htmlToText } from './html.ts'

/** More words than this and the page says something itself. */
const mostCharacters = 600
/** Fewer, beside a script, and the page is drawn or checked by that script. */
const fewestCharacters = 30

const walls: readonly (readonly [RegExp, string])[] = [
  [
    /安全验证|人机验证|身份验证|滑动验证|拖动.{0,4}滑块|行为验证|访问验证|验证码|请完成.{0,8}验证|captcha|are you (?:a )?(?:human|robot)|just a moment|checking your browser/i,
    'a captcha',
  ],
  [
    /访问(?:过于|太)?频繁|访问(?:请求)?(?:已)?被(?:拒绝|拦截|阻断|禁止)|请求(?:已)?被拦截|禁止访问|异常(?:访问|流量)|access denied|request (?:was )?blocked|forbidden|unusual traffic|too many requests/i,
    'a refusal',
  ],
  [
    /(?:请|需要?)(?:先|您)?(?:登录|登陆)|(?:登录|登陆)后(?:查看|访问|阅读|继续)|(?:用户|账号|密码|扫码|短信)(?:登录|登陆)|please (?:log|sign) in|(?:log|sign) in to/i,
    'a sign-in page',
  ],
]

/** What stands in the way (`a captcha`), or `undefined` when the page is one of its own. */
export function looksBlocked(html: string): string | undefined {
  const head = html.slice(0, 400_000)
  const title = /<title[^>]*>([^<]{0,300})/i.exec(head)?.[1] ?? ''
  const text = htmlToText(head.replace(/<title[^>]*>[^<]*/i, ''))
  if (text.length > mostCharacters) return undefined
  const words = `${title}\n${text}`
  for (const [pattern, name] of walls) if (pattern.test(words)) return name
  if (/<input[^>]{0,500}\btype\s*=\s*["']?password/i.test(head)) return 'a sign-in page'
  if (/challenge-platform|cf-chl|acw_sc__v2|geetest|hcaptcha|recaptcha|turnstile/i.test(head))
    return 'a robot check'
  if (text.length < fewestCharacters && /<script/i.test(head))
    return 'a page of scripts alone (a robot check, or drawn in the browser: look for the interface behind it and read that as json-api)'
  return undefined
}
