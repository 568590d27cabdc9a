import { words } from '../../labels.ts'

export const t = words(
  {
    title: '我的账户',
    who: '身份',
    name: '姓名',
    login: '登录名',
    roles: '角色与范围',
    wholeGroup: '集团全部',
    project: (id: string) => `项目 ${id}`,
    password: '修改密码',
    passwordNote: '修改后，其他设备上的登录会失效。',
    current: '当前密码',
    newPassword: '新密码',
    change: '修改密码',
    changed: '密码已修改',
  },
  {
    title: 'My account',
    who: 'Who I am',
    name: 'Name',
    login: 'Login',
    roles: 'Roles and area',
    wholeGroup: 'whole group',
    project: (id) => `project ${id}`,
    password: 'Change the password',
    passwordNote: 'Sign-ins on other devices end with it.',
    current: 'Current password',
    newPassword: 'New password',
    change: 'Change the password',
    changed: 'The password is changed',
  },
)
