import type { ApiRun } from '../../api/run-schemas.ts';
import type { Store } from '../../store/index.ts';
import type { Provider } from '../support/provider.ts';
import { claim } from './proof.ts';

interface Outcome {
  store: Store;
  provider: Provider;
  ended: ApiRun;
  kills: string[];
  concurrency: number;
  passed: { samples: number; most: number };
}

/** Compares ledger, provider and budget once everything is over. @throws Error for what does not hold. */
export async function judge({ store, provider, ended, kills, concurrency, passed }: Outcome) {
  await store.fold();
  const report = await store.checkLedger('default');
  const entries = await entriesOf(store, ended.id);
  const { byId, byHash } = await provider.calls();
  const called = Object.keys(byId);
  const missing = called.filter((id) => !entries.has(id));
  const uncalled = [...entries.values()].filter(({ id }) => byId[id] === undefined);
  const repeated = Object.values(byHash).reduce((sum, times) => sum + times - 1, 0);
  claim('the run completes', ended.state, 'completed');
  claim('doctor finds no difference', report.differences, []);
  claim(
    'each call has an id of its own',
    Object.values(byId).filter((times) => times > 1),
    [],
  );
  claim('each call that reached the provider has an entry', missing, []);
  claim(
    'entries without a call are assumed',
    uncalled.filter(({ flag }) => flag !== 'assumed'),
    [],
  );
  claim('nothing is left in a hold', await store.holds.unsettledOf('default', ended.id), []);
  claim('committed was never over the amount', passed.most <= 0, true);
  const deaths = kills.filter((victim) => victim === 'worker' || victim === 'mongodb').length;
  claim(`at most calls in flight were repeated (${repeated})`, repeated <= deaths * concurrency, true);
  const assumed = [...entries.values()].filter(({ flag }) => flag === 'assumed').length;
  return {
    calls: called.length,
    entries: entries.size,
    assumed,
    assumedWithoutCall: uncalled.length,
    repeated,
    samples: passed.samples,
    mostOverNanoUsd: passed.most,
  };
}

async function entriesOf(store: Store, run: string) {
  const entries = new Map<string, { id: string; flag?: string }>();
  for (let after: string | undefined; ; ) {
    const page = await store.entries.ofRun('default', run, {
      limit: 1000,
      ...(after !== undefined && { after }),
    });
    for (const entry of page) if (entry.flag !== 'correction') entries.set(entry.id, entry);
    after = page.at(-1)?.id;
    if (after === undefined || page.length < 1000) return entries;
  }
}
