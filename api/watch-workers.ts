import { noticeOf } from '../domain/alerts/alert.ts';
import { deliveryOver } from '../domain/alerts/channel.ts';
import { workerMissingAlert } from '../domain/alerts/conditions.ts';
import { wants } from '../domain/alerts/routing.ts';
import { groupBy } from '../domain/group-by.ts';
import type { ApiDeps } from './deps.ts';

type WatchDeps = Pick<ApiDeps, 'store' | 'health' | 'channels'>;

/** Runs that wait shorter than this may still be picked up. */
const PATIENCE_MS = 60_000;
const MOST_RUNS = 10_000;

/**
 * Tells people that nobody takes work. Deliveries are carried out by workers, so this one the API makes
 * itself, once: of several APIs the one whose alert was new. A worker that comes later tells that it is over.
 */
export function createWorkerWatch({ store, health, channels }: WatchDeps) {
  async function tell(org: string, waiting: number, at: Date): Promise<void> {
    const [isNew] = await store.alerts.raise([workerMissingAlert({ org, at }, waiting)]);
    if (!isNew) return;
    const { rows } = await store.alerts.list(org, { type: 'worker_missing', state: 'open' }, { limit: 1 });
    const [alert] = rows;
    if (alert === undefined) return;
    for (const channel of await channels.book.told(org)) {
      if (!wants(channel, alert)) continue;
      const _id = store.deliveries.idOf(alert.id, alert.round, channel.id);
      const row = { _id, org, alerts: [alert.id], ...deliveryOver(channel, at) };
      await store.deliveries.add([row]);
      const outcome = await channels.notifier.deliver(channel, noticeOf(alert, _id));
      if (outcome.ok) await store.deliveries.sent(row, outcome.detail, new Date());
      else await store.deliveries.failed(row, outcome.reason);
    }
    // What has failed stays pending: a worker that comes tries again.
    const failed = await store.deliveries.ofAlert(org, alert.id, 200);
    if (failed.every(({ state }) => state === 'sent')) await store.alerts.told(alert);
  }

  return async (): Promise<void> => {
    const { workers } = await health();
    // Null: Temporal does not answer, which says nothing of workers.
    if (workers === null) return;
    const at = new Date();
    if (workers > 0) {
      for (const org of await store.organizations.ids())
        await store.alerts.align(org, ['worker_missing'], [], at);
      return;
    }
    const open = await store.runs.openBefore(new Date(at.getTime() - PATIENCE_MS), MOST_RUNS);
    for (const [org, runs] of groupBy(open, (run) => run.org)) await tell(org, runs.length, at);
  };
}
