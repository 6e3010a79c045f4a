import type { Client } from '@temporalio/client';
import type { Connection } from 'mongoose';
import type { Health } from './deps.ts';

const DEADLINE_MS = 2_000;
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
    await options.connection.db?.command({ ping: 1 }, { timeoutMS: DEADLINE_MS });
    return options.connection.readyState === 1;
  }
  async function workers(): Promise<number> {
    const { pollers } = await options.client.withDeadline(Date.now() + DEADLINE_MS, () =>
      options.client.workflowService.describeTaskQueue({
        namespace: options.namespace,
        taskQueue: { name: options.taskQueue },
        taskQueueType: ACTIVITY_QUEUE,
      }),
    );
    const since = Date.now() - GONE_AFTER_MS;
    const present = (pollers ?? []).filter(
      (poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000 > since,
    );
    return new Set(present.map((poller) => poller.identity)).size;
  }
  return async () => {
    const [database, count] = await Promise.all([mongodb().catch(() => false), workers().catch(() => null)]);
    return {
      mongodb: database,
      temporal: count !== null,
      temporalAddress: options.temporalAddress,
      workers: count,
    };
  };
}
