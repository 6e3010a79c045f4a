import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { type RunningServer, type ServerOptions, startServer } from './server-process.ts';

interface TemporalOptions extends ServerOptions {
  /** Workflows are kept in this SQLite file, through restarts and kill -9. */
  databaseFile: string;
  /** Port of the Web UI; absent: no Web UI. */
  uiPort?: number;
}

/**
 * The server is made for a developer's first steps: its one shard asks its queues only 20 times a second,
 * which makes one activity take 90 ms. With these values it takes 9.
 */
const TUNING = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=500',
  'system.enableActivityEagerExecution=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

/** A write-ahead log that is synced at checkpoints: safe against kill -9 of the server. */
const PRAGMAS = ['journal_mode=wal', 'synchronous=1'];

/**
 * Starts `temporal server start-dev` on 127.0.0.1 and waits until the namespace `default` can be described.
 * @throws AppError `services_unavailable`.
 */
export function startTemporal(options: TemporalOptions): Promise<RunningServer> {
  const { port, uiPort, databaseFile } = options;
  const page = uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-ip', '127.0.0.1'];
  return startServer(options, {
    service: 'temporal',
    directory: dirname(databaseFile),
    // Without a home the program looks for its settings in the root folder.
    variables: { HOME: homedir() },
    arguments: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), ...page],
      ...['--db-filename', databaseFile, '--log-level', 'warn', '--color', 'never'],
      ...PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
      ...TUNING.flatMap((value) => ['--dynamic-config-value', value]),
    ],
    speak: () => describeNamespace(`127.0.0.1:${port}`),
  });
}

async function describeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '5s' });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
  } finally {
    await connection.close();
  }
}
