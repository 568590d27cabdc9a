/**
 * Words for the codes with which the server refuses. The common ones are here; a page adds its own beside its words:
 *   refusals({ 'login-taken': '登录名已被使用' }, { 'login-taken': 'This login is taken' })
 */
import { words } from './labels.ts'

const known = new Map<string, () => string>()

export function refusals<Z extends Readonly<Record<string, string>>>(
  zh: Z,
  en: { readonly [K in keyof NoInfer<Z>]: string },
): void {
  for (const code of Object.keys(zh)) {
    const section = words<{ said: string }>({ said: zh[code] ?? '' }, { said: en[code] ?? '' })
    known.set(code, () => section.said)
  }
}

/** The sentence for a code, when there is one. */
export const refusalWord = (code: string) => known.get(code)?.()

refusals(
  {
    unreachable: '连不上服务器',
    'sign-in-needed': '登录已失效，请重新登录',
    'not-permitted': '没有权限进行此操作',
    'headquarters-only': '此操作只对集团总部开放',
    'foreign-origin': '请求被拒绝：请从本站页面操作',
    'not-found': '没有找到，或不在您的管辖范围内',
    invalid: '填写的内容有误',
    'bad-request': '请求无法识别，请重新载入页面后再试',
    'too-large': '内容过大',
    'too-many-attempts': '尝试过于频繁，请稍后再试',
    'wrong-login': '登录名或密码不正确',
    'wrong-password': '当前密码不正确',
    'weak-password': '密码太容易猜到，请换一个更长的',
    'already-set-up': '管理员账户已经建立，请登录',
    'not-empty': '已有项目数据，不能再载入演示数据',
    internal: '服务器出错了',
  },
  {
    unreachable: 'The server cannot be reached',
    'sign-in-needed': 'Your session has ended; please sign in again',
    'not-permitted': 'You are not allowed to do this',
    'headquarters-only': 'Only headquarters may do this',
    'foreign-origin': 'Refused: please work from the pages of this site',
    'not-found': 'Not found, or outside your area',
    invalid: 'Something in the form is not right',
    'bad-request': 'The request was not understood; reload the page and try again',
    'too-large': 'This is too large',
    'too-many-attempts': 'Too many attempts; try again a little later',
    'wrong-login': 'Login or password is not right',
    'wrong-password': 'The current password is not right',
    'weak-password': 'This password is too easily guessed; take a longer one',
    'already-set-up': 'The administrator exists already; please sign in',
    'not-empty': 'There are projects already; the demo cannot be added to them',
    internal: 'The server failed',
  },
)
