import { setTimeout as sleep } from 'node:timers/promises';
import { spokenSeconds } from '../../local/progress.ts';
import type { StackPart, StackReport } from '../serve/stack.ts';
import type { Output } from './output.ts';

const TITLES: Record<StackPart, string> = {
  temporal: 'Temporal',
  mongodb: 'MongoDB',
  api: 'API',
  worker: 'Worker',
};
/** A start that takes no longer says nothing where nobody can watch it. */
const QUIET_MS = 10_000;
const SAY_EVERY_MS = 15_000;

/**
 * Shows how the parts come up while `start` runs: live lines with the time passed on a terminal, else a
 * line now and then.
 */
export async function showStartup<T>(
  output: Output,
  shown: {
    parts: StackPart[];
    /** Takes the live lines away when all is ready. */
    passing: boolean;
  },
  start: (report: StackReport) => Promise<T>,
): Promise<T> {
  return output.live ? showLive(shown, start) : showLines(output, start);
}

async function showLive<T>(
  { parts, passing }: { parts: StackPart[]; passing: boolean },
  start: (report: StackReport) => Promise<T>,
): Promise<T> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const startedAt = Date.now();
  const states = new Map<StackPart, { message: string; ready: boolean }>();
  let settled = false;
  let outcome: Promise<T> | undefined;
  const begin = () => {
    outcome ??= start(({ part, message, ready }) => states.set(part, { message, ready }));
    return outcome;
  };
  const begun = begin().finally(() => {
    settled = true;
  });
  // Its error is shown once, by the program.
  begun.catch(() => {});
  const list = new Listr(
    parts.map((part) => ({
      title: TITLES[part],
      task: async (_: unknown, task: { title: string; output: string }) => {
        while (!settled && states.get(part)?.ready !== true) {
          const message = states.get(part)?.message ?? 'waits for the servers';
          task.output = `${message} (${spokenSeconds(Date.now() - startedAt)})`;
          await sleep(100);
        }
        task.title = `${TITLES[part]} (${spokenSeconds(Date.now() - startedAt)})`;
        if (states.get(part)?.ready !== true) throw new Error('not started');
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        clearOutput: passing,
        collapseErrors: false,
        showErrorMessage: false,
        logger: new ListrLogger({
          useIcons: true,
          processOutput: new ProcessOutput(process.stderr, process.stderr),
        }),
      },
    },
  );
  await list.run();
  return begun;
}

async function showLines<T>(output: Output, start: (report: StackReport) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const said = new Map<StackPart, { text: string; at: number }>();
  return start(({ part, message, ready }) => {
    const now = Date.now();
    // That all is ready, the command itself shows by going on.
    if (now - startedAt < QUIET_MS || message === '' || (ready && !said.has(part))) return;
    // Only the figures of a long step change; those are worth a line now and then.
    const text = message.replace(/[\d.]+/g, '#');
    const last = said.get(part);
    if (!ready && last?.text === text && now - last.at < SAY_EVERY_MS) return;
    said.set(part, { text, at: now });
    output.note(`${TITLES[part]}: ${message}`);
  });
}
