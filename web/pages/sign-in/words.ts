import { words } from '../../labels.ts'

export const t = words(
  {
    title: '登录',
    login: '登录名',
    password: '密码',
    submit: '登录',
    wrong: '登录名或密码不正确',
    locked: (until: string) =>
      `尝试次数过多，账户已锁定到 ${until}（北京时间）。之后可再次登录，或请管理员解锁。`,
    help: '忘记密码请联系管理员重设。',
  },
  {
    title: 'Sign in',
    login: 'Login',
    password: 'Password',
    submit: 'Sign in',
    wrong: 'Login or password is not right',
    locked: (until) =>
      `Too many attempts: the account is locked until ${until} (Beijing time). Sign in after that, or ask the administrator.`,
    help: 'Forgotten the password? The administrator can set a new one.',
  },
)
