import { test } from '@jest/globals';
import { sharedData } from './shared-path.ts';

/** A test over a real input; skipped, with the reason in its name, where the input is absent. */
export function testWithSharedData(
  name: string,
  relative: string,
  body: (path: string) => void | Promise<void>,
  timeoutMs = 30_000,
): void {
  const path = sharedData(relative);
  if (path === undefined) test.skip(`${name} (skipped: ../shared/data/${relative} is absent)`, () => {});
  else test(name, async () => body(path), timeoutMs);
}
