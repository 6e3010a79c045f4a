import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Connection } from 'mongoose';
import type { Health } from './deps.ts';

const DEADLINE_MS = 2_000;
/** One look serves all who ask in this time. */
const FRESH_MS = 3_000;
/** Temporal's number for the task queue of activities. */
const ACTIVITY_QUEUE = 2;
/** A worker that has not asked for work in this time is gone. */
const GONE_AFTER_MS = 90_000;

/**
 * Asks both servers, and Temporal for the workers that ask for work. Bounded: never waits longer than two
 * seconds.
 */
export function healthCheck(options: {
  connection: Connection;
  client: Client;
  namespace: string;
  taskQueue: string;
  temporalAddress: string;
}): () => Promise<Health> {
  async function mongodb(): Promise<boolean> {
    const late = sleep(DEADLINE_MS, false, { ref: false });
    const ping = options.connection.db?.command({ ping: 1 }).then(() => true);
    // The driver's own time limit has no effect, so the slower of the two is left behind.
    return Promise.race([ping?.catch(() => false) ?? false, late]);
  }
  async function workers(): Promise<Pick<Health, 'workers' | 'lastWorkerAt'>> {
    const { pollers } = await options.client.withDeadline(Date.now() + DEADLINE_MS, () =>
      options.client.workflowService.describeTaskQueue({
        namespace: options.namespace,
        taskQueue: { name: options.taskQueue },
        taskQueueType: ACTIVITY_QUEUE,
      }),
    );
    const times = (pollers ?? []).map(({ identity, lastAccessTime }) => ({
      identity,
      at: Number(lastAccessTime?.seconds ?? 0) * 1000,
    }));
    const since = Date.now() - GONE_AFTER_MS;
    const present = new Set(times.filter(({ at }) => at > since).map(({ identity }) => identity));
    const last = Math.max(0, ...times.map(({ at }) => at));
    return { workers: present.size, ...(last > 0 && present.size === 0 && { lastWorkerAt: new Date(last) }) };
  }
  async function look(): Promise<Health> {
    const [database, queue] = await Promise.all([mongodb().catch(() => false), workers().catch(() => null)]);
    const temporal = { temporal: queue !== null, temporalAddress: options.temporalAddress };
    return { mongodb: database, ...temporal, ...(queue ?? { workers: null }) };
  }
  let looked: { at: number; health: Promise<Health> } | undefined;
  return () => {
    if (looked === undefined || Date.now() - looked.at > FRESH_MS)
      looked = { at: Date.now(), health: look() };
    return looked.health;
  };
}
