import { pino } from 'pino'

const asked = process.env.WEIYU_LOG ?? ''

/** The one logger. JSON Lines on stderr, so that standard output stays free for results; secrets never pass. */
export const log = pino(
  {
    // A level that there is not is told by readConfig.
    level: Object.hasOwn(pino.levels.values, asked) ? asked : 'warn',
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
