import type { createApp } from '../../server/http/app.ts'

/** Someone at a browser: keeps the cookie, sends our header, speaks JSON. */
export interface Visitor {
  cookie: string | undefined
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  get(path: string): Promise<Response>
  post(path: string, body?: unknown): Promise<Response>
  signIn(login: string, password: string): Promise<Response>
}

export type TestApp = ReturnType<typeof createApp>

export function visitor(app: TestApp): Visitor {
  const one: Visitor = {
    cookie: undefined,
    async ask(method, path, body, headers = {}) {
      const response = await app.request(path, {
        method,
        headers: {
          'x-weiyu': '1',
          ...(one.cookie && { cookie: one.cookie }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const given = response.headers.get('set-cookie')?.split(';')[0]
      if (given) one.cookie = given.endsWith('=') ? undefined : given
      return response
    },
    get: (path) => one.ask('GET', path),
    post: (path, body) => one.ask('POST', path, body),
    signIn: (login, password) => one.post('/api/session', { login, password }),
  }
  return one
}
