/**
 * Milliseconds of processor time that a synchronous work takes in this process. Bounds against work that
 * grows out of hand are held against this rather than the clock, which also counts what other processes do on
 * a busy machine.
 */
export function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
