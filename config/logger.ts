import pino from 'pino';

export type Logger = pino.Logger;

/**
 * JSON lines on standard error, so that standard output stays for results. Keys never reach it, whatever is
 * logged.
 */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      redact: {
        paths: ['*.apiKey', '*.authorization', '*.headers.authorization', '*["x-api-key"]', 'apiKey'],
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
