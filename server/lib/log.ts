import { pino } from 'pino'

/** The one logger. JSON Lines on stderr, so that standard output stays free for results; secrets never pass. */
export const log = pino(
  {
    level: process.env.WEIYU_LOG ?? 'warn',
    base: undefined,
    redact: {
      paths: [
        'password',
        '*.password',
        'authorization',
        '*.authorization',
        'cookie',
        '*.cookie',
        'token',
        '*.token',
      ],
      censor: '…',
    },
  },
  pino.destination({ dest: 2, sync: true }),
)
