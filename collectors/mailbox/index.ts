import { z } from 'zod'
import { defineCollector } from '../collector.ts'
import { hostField, openWays } from '../connection.ts'
import { forDocuments, textsField, textsOption } from '../fields.ts'
import { captureOf, complaintOf, isAutomatic, type Mail } from './message.ts'
import { mailsOf, type Position } from './read.ts'

/** One folder of a mailbox: media enquiries and letters of authorities as documents, or complaints for the ledger. */
export const mailbox = defineCollector({
  kind: 'mailbox',
  label: { zh: '邮箱（IMAP）', en: 'Mailbox (IMAP)' },
  hasPublisher: forDocuments,
  fields: [
    { ...hostField, placeholder: 'imap.example.com' },
    {
      name: 'tls',
      label: { zh: '加密', en: 'Encryption' },
      kind: 'select',
      required: true,
      choices: [
        { value: 'tls', label: { zh: 'TLS（端口 993）', en: 'TLS (port 993)' } },
        { value: 'starttls', label: { zh: 'STARTTLS（端口 143）', en: 'STARTTLS (port 143)' } },
        ...openWays,
      ],
    },
    {
      name: 'port',
      label: { zh: '端口', en: 'Port' },
      kind: 'number',
      hint: { zh: '不填按加密方式取 993 或 143', en: 'Empty: 993 or 143, by encryption' },
    },
    { name: 'user', label: { zh: '账号', en: 'User' }, kind: 'text', required: true },
    {
      name: 'password',
      label: { zh: '密码', en: 'Password' },
      kind: 'secret',
      required: true,
      sentTo: ['host', 'port', 'tls', 'user'],
      hint: {
        zh: '多数邮箱服务要填授权码（客户端专用密码），并先开启 IMAP',
        en: 'Most services want a password made for programs, and IMAP switched on first',
      },
    },
    {
      name: 'folder',
      label: { zh: '文件夹', en: 'Folder' },
      kind: 'text',
      placeholder: 'INBOX',
      hint: {
        zh: '只读：不标为已读，不移动，不删除',
        en: 'Only read: nothing is marked, moved or deleted',
      },
    },
    textsField,
    {
      name: 'firstDays',
      label: { zh: '首次读取天数', en: 'Days to read at first' },
      kind: 'number',
      placeholder: '30',
    },
  ],
  options: z
    .object({
      host: z.string().trim().min(1, 'the server is missing').max(253),
      tls: z.enum(['tls', 'starttls', 'unchecked', 'none']),
      port: z.int().min(1).max(65_535).optional(),
      user: z.string().trim().min(1, 'the user is missing').max(200),
      password: z.string().min(1).max(1_000),
      folder: z.string().trim().min(1).max(200).default('INBOX'),
      content: textsOption,
      firstDays: z.int().min(1).max(3_650).default(30),
    })
    .transform(({ port, ...options }) => ({
      ...options,
      port: port ?? (options.tls === 'tls' || options.tls === 'unchecked' ? 993 : 143),
    })),
  schedule: '*/5 * * * *',
  async collect(options, tools) {
    // Moved on while mails are read; the run keeps it once all of them are stored.
    const cursor: Position = {}
    const mails = written(mailsOf(options, tools, cursor))
    return options.content === 'documents'
      ? { outcome: 'ok', captures: each(mails, captureOf), cursor }
      : { outcome: 'ok', complaints: each(mails, complaintOf), cursor }
  },
})

async function* written(mails: AsyncIterable<Mail>): AsyncGenerator<Mail> {
  for await (const mail of mails) if (!isAutomatic(mail.head)) yield mail
}

async function* each<T>(mails: AsyncIterable<Mail>, into: (mail: Mail) => T): AsyncGenerator<T> {
  for await (const mail of mails) yield into(mail)
}
