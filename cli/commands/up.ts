import { AppError } from '../../domain/errors.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { dataDirOf } from '../serve/data-dir.ts';
import { readServerRecord, writeServerRecord } from '../serve/server-file.ts';
import { type Stack, startStack } from '../serve/stack.ts';
import { duration, localTime } from '../show/format.ts';
import { showStartup } from '../show/startup.ts';

const USUAL_API_PORT = 3000;
const ALL_PARTS = ['temporal', 'mongodb', 'api', 'worker'] as const;

/** `bursar up`: everything in one command, until Ctrl-C or SIGTERM. */
export async function up(
  context: CommandContext,
  options: { port?: number; workers: number },
): Promise<number> {
  const { globals, output, interrupts, environment, directory } = context;
  const dataDir = dataDirOf(directory, environment);
  if (!globals.ephemeral) refuseSecond(dataDir);
  const startedAt = Date.now();
  const port = await apiPort(context, options.port);
  const shown = { parts: [...ALL_PARTS], passing: false };
  const stack = await showStartup(output, shown, (report) =>
    startStack({
      dataDir,
      ephemeral: globals.ephemeral,
      variables: environment,
      ...(port === undefined ? {} : { port }),
      workers: options.workers,
      temporal: true,
      eager: false,
      report,
      onTrouble: (message) => output.note(`${localTime(new Date().toISOString())} ${message}`),
      signal: interrupts.first,
    }),
  );
  const { apiUrl, temporalUrl, mongoUri, temporalAddress, keyFile, dataFolder } = stack;
  const link = temporalUrl === undefined ? {} : { temporalUrl };
  const record = globals.ephemeral
    ? undefined
    : writeServerRecord(dataFolder, { command: 'up', apiUrl, keyFile, ...link });
  output.result({ apiUrl, temporalUrl: temporalUrl ?? null, mongoUri, temporalAddress });
  for (const line of welcome(stack, Date.now() - startedAt, context)) output.line(line);
  await untilAborted(interrupts.first);
  output.note('Stopping …');
  record?.remove();
  await stack.stop();
  output.note('Stopped.');
  return EXIT.done;
}

function refuseSecond(dataDir: string): void {
  const record = readServerRecord(dataDir);
  if (record === undefined) return;
  const message =
    `\`bursar ${record.command}\` runs in this folder already (process ${record.pid}): ${record.apiUrl}. ` +
    'Use that one, stop it, or start another in another folder or with --ephemeral.';
  throw new AppError('conflict', message);
}

/** The port asked for must be free; the usual one may be replaced. */
async function apiPort(
  { globals, output }: CommandContext,
  asked: number | undefined,
): Promise<number | undefined> {
  const { freePort } = await import('../../local/ports.ts');
  if (asked !== undefined) {
    if ((await freePort(asked)) === asked) return asked;
    throw new AppError('conflict', `port ${asked} is taken by another program; name another --port`);
  }
  if (globals.ephemeral) return undefined;
  const free = await freePort(USUAL_API_PORT);
  if (free === undefined) output.note(`Port ${USUAL_API_PORT} is taken; the API takes another one.`);
  return free;
}

function welcome(stack: Stack, tookMs: number, { output, directory }: CommandContext): string[] {
  const { style } = output;
  const { apiUrl, temporalUrl, mongoUri, newAdminKey, adminInvitation, keyFile, dataFolder } = stack;
  const shown = (path: string) =>
    path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
  const key =
    newAdminKey === undefined
      ? [`Admin key      in ${shown(keyFile)}`]
      : [
          `Admin key      ${style.bold(newAdminKey)}`,
          `               shown this once; kept for this folder in ${shown(keyFile)}`,
        ];
  return [
    style.good(`Bursar is up (${duration(tookMs / 1000)}).`),
    `API            ${apiUrl}/api/v1`,
    `Swagger UI     ${apiUrl}/api/v1/docs`,
    ...(temporalUrl === undefined ? [] : [`Temporal       ${temporalUrl}`]),
    `MongoDB        ${mongoUri}`,
    ...key,
    ...(adminInvitation === undefined ? [] : [`Invitation     ${style.bold(adminInvitation)} (first admin)`]),
    `Data and logs  ${shown(dataFolder)}`,
    '',
    'In another terminal: bursar document <manifest or folder>. Ctrl-C stops everything.',
  ];
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // A pending promise alone does not keep the process alive.
    const keepAlive = setInterval(() => {}, 2 ** 30);
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(keepAlive);
        resolve();
      },
      { once: true },
    );
  });
}
