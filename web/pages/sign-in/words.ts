import { words } from '../../labels.ts'

export const t = words(
  {
    title: '登录',
    login: '登录名',
    password: '密码',
    submit: '登录',
    locked: (until: string) => `尝试次数过多，${until}（北京时间）之后才能再试，也可以请管理员解锁。`,
    help: '忘记密码请联系管理员重设。',
  },
  {
    title: 'Sign in',
    login: 'Login',
    password: 'Password',
    submit: 'Sign in',
    locked: (until) =>
      `Too many attempts: try again after ${until} (Beijing time), or ask the administrator.`,
    help: 'Forgotten the password? The administrator can set a new one.',
  },
)
