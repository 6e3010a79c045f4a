/**
 * A program for tests that start it and kill it: it guards one process, a build or the real servers, says
 * so in one line of JSON, and waits for its death.
 */
import { serviceEnvironment } from '../../local/environment.ts';
import { spawnGuarded } from '../../local/guarded.ts';
import { findProgram } from '../../local/resolve.ts';
import { startServices } from '../../local/services.ts';

const [what, folder = ''] = process.argv.slice(2);
if (what === 'process') {
  const guarded = await spawnGuarded({
    name: 'sleeper',
    command: 'sleep',
    arguments: ['60'],
    output: { onLine: () => {} },
    ...(folder === '' ? {} : { temporaryFolder: folder }),
  });
  console.log(JSON.stringify({ pid: guarded.pid }));
} else if (what === 'build') {
  const environment = { ...serviceEnvironment(process.env), cacheDir: folder, mayDownload: false };
  console.log(JSON.stringify({ building: true }));
  await findProgram({ service: 'temporal', environment, report: () => {} });
} else {
  const services = await startServices({
    dataDir: folder,
    ephemeral: what === 'ephemeral',
    environment: { ...serviceEnvironment(process.env), mayDownload: false, mayBuild: false },
    report: () => {},
    headless: true,
  });
  console.log(JSON.stringify({ ...services.pids, folder: services.dataFolder }));
}
