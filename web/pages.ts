/**
 * Every page, once: path, title, permission and place in the navigation come from here. A new page is a folder in
 * web/pages/ and an entry in its group. Pages are fetched when first opened.
 */
import type { Role } from '../server/access/permissions.ts'
import type { Bilingual } from './labels.ts'
import type { PageEntry } from './page.ts'

/** What is going on. */
const watch: PageEntry[] = [
  {
    path: '/overview',
    title: { zh: '态势', en: 'Overview' },
    icon: 'overview',
    permission: 'overview.read',
    load: () => import('./pages/overview/overview.tsx').then((page) => page.Overview),
  },
  {
    path: '/warnings',
    title: { zh: '预警', en: 'Warnings' },
    icon: 'bell',
    permission: 'warning.read',
    load: () => import('./pages/warnings/warnings.tsx').then((page) => page.Warnings),
  },
  {
    path: '/warnings/:id',
    title: { zh: '预警详情', en: 'Warning' },
    permission: 'warning.read',
    load: () => import('./pages/warnings/warning.tsx').then((page) => page.Warning),
  },
  {
    path: '/issues',
    title: { zh: '热点问题', en: 'Hot issues' },
    icon: 'flag',
    permission: 'mention.read',
    load: () => import('./pages/issues/issues.tsx').then((page) => page.Issues),
  },
  {
    path: '/issues/:id',
    title: { zh: '热点问题', en: 'Hot issue' },
    permission: 'mention.read',
    load: () => import('./pages/issues/issue.tsx').then((page) => page.Issue),
  },
  {
    path: '/mentions',
    title: { zh: '舆情', en: 'Mentions' },
    icon: 'chat',
    permission: 'mention.read',
    load: () => import('./pages/mentions/mentions.tsx').then((page) => page.Mentions),
  },
  {
    path: '/mentions/unresolved',
    title: { zh: '待归属', en: 'Unresolved' },
    permission: 'mention.read',
    load: () => import('./pages/mentions/unresolved.tsx').then((page) => page.Unresolved),
  },
  {
    path: '/mentions/:id',
    title: { zh: '舆情信息', en: 'Mention' },
    permission: 'mention.read',
    load: () => import('./pages/mentions/mention.tsx').then((page) => page.Mention),
  },
  {
    path: '/stories/:id',
    title: { zh: '同一事件', en: 'Story' },
    permission: 'mention.read',
    load: () => import('./pages/stories/story.tsx').then((page) => page.Story),
  },
  {
    path: '/indicators',
    title: { zh: '气象与指标', en: 'Indicators' },
    icon: 'calendar',
    permission: 'project.read',
    load: () => import('./pages/indicators/indicators.tsx').then((page) => page.Indicators),
  },
  {
    path: '/risks',
    title: { zh: '风险', en: 'Risks' },
    icon: 'shield',
    permission: 'risk.read',
    load: () => import('./pages/risks/risks.tsx').then((page) => page.Risks),
  },
  {
    path: '/risks/try',
    title: { zh: '试一段文字', en: 'Try a text' },
    permission: 'catalogue.try',
    load: () => import('./pages/risks/try.tsx').then((page) => page.TryText),
  },
  {
    path: '/risks/catalogue',
    title: { zh: '规则版本与草稿', en: 'Versions and draft' },
    permission: 'catalogue.try',
    load: () => import('./pages/risks/catalogue.tsx').then((page) => page.Catalogue),
  },
  {
    path: '/risks/edit',
    title: { zh: '修改规则', en: 'Edit rules' },
    permission: 'catalogue.try',
    load: () => import('./pages/risks/edit.tsx').then((page) => page.EditFile),
  },
  {
    path: '/risks/:code',
    title: { zh: '风险项', en: 'Risk' },
    permission: 'risk.read',
    load: () => import('./pages/risks/risk.tsx').then((page) => page.RiskDetail),
  },
]

/** What people work on. */
const handle: PageEntry[] = [
  {
    path: '/complaints',
    title: { zh: '投诉', en: 'Complaints' },
    icon: 'ledger',
    permission: 'complaint.read',
    load: () => import('./pages/complaints/complaints.tsx').then((page) => page.Complaints),
  },
  {
    path: '/complaints/new',
    title: { zh: '登记投诉', en: 'Register a complaint' },
    permission: 'complaint.register',
    load: () => import('./pages/complaints/register.tsx').then((page) => page.Register),
  },
  {
    path: '/complaints/:id',
    title: { zh: '投诉', en: 'Complaint' },
    permission: 'complaint.read',
    load: () => import('./pages/complaints/case.tsx').then((page) => page.Case),
  },
]

/** What the system is told. */
const manage: PageEntry[] = [
  {
    path: '/projects',
    title: { zh: '项目', en: 'Projects' },
    permission: 'project.read',
    icon: 'building',
    load: () => import('./pages/projects/projects.tsx').then((page) => page.Projects),
  },
  {
    path: '/projects/:id',
    title: { zh: '项目', en: 'Project' },
    permission: 'project.read',
    load: () => import('./pages/projects/project.tsx').then((page) => page.Project),
  },
  {
    path: '/sources',
    title: { zh: '信源', en: 'Sources' },
    permission: 'source.read',
    icon: 'source',
    load: () => import('./pages/sources/sources.tsx').then((page) => page.Sources),
  },
  {
    path: '/sources/:id',
    title: { zh: '信源', en: 'Source' },
    permission: 'source.read',
    load: () => import('./pages/sources/source.tsx').then((page) => page.Source),
  },
  {
    path: '/people',
    title: { zh: '人员', en: 'People' },
    permission: 'user.manage',
    icon: 'people',
    load: () => import('./pages/people/people.tsx').then((page) => page.People),
  },
  {
    path: '/assistant',
    title: { zh: '智能助手', en: 'Assistant' },
    permission: 'assistant.log',
    icon: 'sliders',
    load: () => import('./pages/assistant/calls.tsx').then((page) => page.AssistantCalls),
  },
  {
    path: '/assistant/settings',
    title: { zh: '智能助手设置', en: 'Assistant settings' },
    permission: 'assistant.manage',
    load: () => import('./pages/assistant/settings.tsx').then((page) => page.AssistantSettings),
  },
  {
    path: '/audit',
    title: { zh: '审计', en: 'Audit trail' },
    permission: 'audit.read',
    icon: 'clock',
    load: () => import('./pages/audit/audit.tsx').then((page) => page.Audit),
  },
]

/** Reached from the user menu, not from the navigation. */
const own: PageEntry[] = [
  {
    path: '/welcome',
    title: { zh: '开始使用', en: 'Getting started' },
    permission: 'own.account',
    load: () => import('./pages/first-run/welcome.tsx').then((page) => page.Welcome),
  },
  {
    path: '/account',
    title: { zh: '我的账户', en: 'My account' },
    permission: 'own.account',
    load: () => import('./pages/account/account.tsx').then((page) => page.Account),
  },
  {
    path: '/about',
    title: { zh: '关于', en: 'About' },
    permission: 'own.account',
    load: () => import('./pages/about/about.tsx').then((page) => page.About),
  },
]

export const navigation: readonly { title: Bilingual; pages: readonly PageEntry[] }[] = [
  { title: { zh: '监测', en: 'Watch' }, pages: watch },
  { title: { zh: '处置', en: 'Handle' }, pages: handle },
  { title: { zh: '设置', en: 'Manage' }, pages: manage },
]

export const pages: readonly PageEntry[] = [...watch, ...handle, ...manage, ...own]

/** Where a role lands: executives and the crisis group on the overview, PR on the stream, the desk on its cases. */
export const landing: Readonly<Record<Role, string>> = {
  administrator: '/overview',
  'crisis-leader': '/overview',
  'crisis-member': '/overview',
  executive: '/overview',
  'general-manager': '/overview',
  'hq-marketing': '/overview',
  'public-relations': '/mentions',
  'desk-agent': '/complaints',
  'desk-supervisor': '/complaints',
  'desk-director': '/complaints',
  department: '/complaints',
  auditor: '/audit',
}
