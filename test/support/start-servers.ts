import { join } from 'node:path';
import { type LocalServices, serviceEnvironment, startServices } from '../../local/services.ts';
import { bundlePrograms } from './bundle-programs.ts';

declare global {
  var bursarTestServices: LocalServices | undefined;
}

/**
 * One Temporal and one MongoDB for all tests of the project `servers`; each test takes its own database and
 * queue.
 */
export default async function startServers(): Promise<void> {
  const programs = join(import.meta.dirname, '../../.bursar/programs', String(process.pid));
  const bundling = bundlePrograms(programs);
  const services = await startServices({
    dataDir: '.bursar',
    ephemeral: true,
    headless: true,
    environment: serviceEnvironment(process.env),
    report: ({ service, message }) => process.stderr.write(`${service}: ${message}\n`),
  });
  globalThis.bursarTestServices = services;
  process.env.BURSAR_TEST_TEMPORAL = services.temporalAddress;
  process.env.BURSAR_TEST_MONGODB = services.mongoUri;
  await bundling;
  process.env.BURSAR_TEST_PROGRAMS = programs;
}
