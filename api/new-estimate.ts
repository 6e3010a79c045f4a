import { estimateItems } from '../kinds/estimate.ts';
import type { frozenRun } from '../kinds/frozen-run.ts';
import type { ApiDeps } from './deps.ts';

/** Items whose prompts are rendered at a time. */
const AT_ONCE = 100;

/** What a run that was only asked for would need and cost. */
export async function estimateOf(
  deps: Pick<ApiDeps, 'pricing' | 'store'>,
  org: string,
  { kind, input, options }: Awaited<ReturnType<typeof frozenRun>>,
) {
  const run = { id: 'estimate', org, input, options };
  const keys = (await kind.plan(run)).map((item) => item.key);
  const groups = Array.from({ length: Math.ceil(keys.length / AT_ONCE) }, (_, index) =>
    keys.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
  const calibrationsOf = deps.store.calibrations.of;
  return estimateItems({ ...deps.pricing, calibrationsOf, now: () => new Date() }, kind, run, groups);
}
