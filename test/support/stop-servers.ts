/** Stops what `start-servers.ts` has started. */
export default async function stopServers(): Promise<void> {
  await globalThis.bursarTestServices?.stop();
}
