import { rmSync } from 'node:fs';

/** Stops what `start-servers.ts` has started. */
export default async function stopServers(): Promise<void> {
  await globalThis.bursarTestServices?.stop();
  rmSync(process.env.BURSAR_TEST_PROGRAMS ?? '', { recursive: true, force: true });
}
