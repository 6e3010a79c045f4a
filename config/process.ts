import type { Logger } from './logger.ts';

/**
 * Calls `stop` once when the process is asked to end: by a signal, or, where a parent wants it so, by the
 * parent's end (standard input closes). A second request ends it at once.
 */
export function onStop(options: {
  endsWithParent: boolean;
  logger: Logger;
  stop: () => Promise<void>;
}): void {
  let stopping = false;
  const ask = (why: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    options.logger.info({ why }, 'stopping');
    options.stop().then(
      () => process.exit(0),
      (error) => {
        options.logger.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => ask('SIGTERM'));
  process.on('SIGINT', () => ask('SIGINT'));
  if (!options.endsWithParent) return;
  process.stdin.resume();
  process.stdin.on('end', () => ask('the parent has ended'));
  process.stdin.on('error', () => ask('the parent has ended'));
}

/** One line of JSON for the process that started this one. */
export function announce(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Ends the process over an error before it was ready: one line for people, the cause in the log. */
export function failStart(logger: Logger, error: unknown): never {
  logger.fatal({ err: error }, 'could not start');
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
