import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { ApiRun } from '../../api/run-schemas.ts';
import { workflowIdOf } from '../../workflows/messages.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { executionsOf, openTemporal } from '../support/histories.ts';
import { manifestOf, SHOP } from '../support/shop.ts';
import { withServers } from './proof.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/histories');

/**
 * Real runs, each with a story that the workflow must be able to replay for as long as such runs may be open.
 */
const STORIES: Record<string, (bursar: Bursar) => Promise<ApiRun>> = {
  'completed-with-errors': async (bursar) => {
    const model = 'offline:rateLimitEvery=6,retryAfterMs=50,failObject=order_summary,failCode=llm_refused';
    const run = await start(bursar, SHOP, { model: `${model}/gpt-5-mini` });
    await bursar.client.untilEnded(run.id);
    return run;
  },
  'paused-and-resumed': async (bursar) => {
    const run = await start(bursar, SHOP, { model: 'offline:latencyMs=60/gpt-5-mini' });
    await bursar.client.until(run.id, ({ progress }) => progress.done >= 3);
    await bursar.client.post(`/runs/${run.id}/pause`);
    await bursar.client.until(run.id, ({ state }) => state === 'paused');
    await bursar.client.post(`/runs/${run.id}/resume`);
    await bursar.client.send('PUT', `/runs/${run.id}/concurrency`, { concurrency: 2 });
    await bursar.client.untilEnded(run.id);
    return run;
  },
  cancelled: async (bursar) => {
    const run = await start(bursar, SHOP, { model: 'offline:latencyMs=5000/gpt-5-mini' });
    await bursar.client.until(run.id, ({ progress }) => progress.current !== null);
    await bursar.client.post(`/runs/${run.id}/cancel`);
    await bursar.client.untilEnded(run.id);
    return run;
  },
  'waited-and-retried': async (bursar) => {
    const model = 'offline:failFirst=20,failCode=llm_bad_request/gpt-5-mini';
    const manifest = manifestOf(24, { parents: false });
    const run = await start(bursar, { manifest }, { model, concurrency: 1 });
    await bursar.client.until(run.id, ({ state }) => state === 'waiting');
    await bursar.client.post(`/runs/${run.id}/retry`);
    await bursar.client.post(`/runs/${run.id}/resume`);
    await bursar.client.untilEnded(run.id);
    return run;
  },
  'second-page': async (bursar) => {
    const run = await start(bursar, { manifest: manifestOf(406) }, { concurrency: 32 });
    await bursar.client.untilEnded(run.id);
    return run;
  },
};

/** Runs under budgets. The stories above were recorded before there were any, and must go on as they are. */
const MONEY_STORIES: typeof STORIES = {
  'approved-and-raised': async (bursar) => {
    await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: 0.000_001 });
    const budget = await bursar.client.post<{ id: string }>('/budgets', {
      name: 'tight',
      period: { type: 'monthly' },
      amountUsd: 0.0008,
    });
    const run = await start(bursar, SHOP, { concurrency: 2 });
    const { cost } = await bursar.client.until(run.id, ({ waitReason }) => waitReason === 'approval');
    await bursar.client.post(`/runs/${run.id}/approve`, { hash: cost.estimateHash });
    await bursar.client.until(run.id, ({ waitReason }) => waitReason === 'budget');
    await bursar.client.post(`/budgets/${budget.id}/raise`, { amountUsd: 1, reason: 'to be recorded' });
    await bursar.client.untilEnded(run.id);
    return run;
  },
  rejected: async (bursar) => {
    await bursar.client.send('PUT', '/admin/settings', {
      costWarningThreshold: null,
      costHardLimit: 0.000_001,
    });
    const run = await start(bursar, SHOP, {});
    await bursar.client.untilEnded(run.id);
    return run;
  },
};

async function start(bursar: Bursar, files: Record<string, string>, options: object): Promise<ApiRun> {
  const { id: projectId } = await bursar.client.upload(files, { name: `recorded ${Math.random()}` });
  return bursar.client.startRun({ projectId, layers: ['summary'] }, options as Record<string, unknown>);
}

/** The last execution of a run's workflow as JSON, without what names this machine. */
async function lastHistory(client: Client, run: ApiRun): Promise<string> {
  await client.workflow
    .getHandle(workflowIdOf(run.id))
    .result()
    .catch(() => {});
  const events = (await executionsOf(client, run.id)).at(-1)?.events ?? [];
  const { History } = proto.temporal.api.history.v1;
  const plain = History.toObject(History.fromObject({ events }), { longs: String, bytes: String });
  const text = JSON.stringify(plain, withoutMachine);
  const eventPerLine = text.replaceAll('{"eventId"', '\n{"eventId"');
  return `${eventPerLine.replaceAll(/\d+@[\w.-]+/g, '1@worker').replaceAll(hostname(), 'worker')}\n`;
}

/** Stack traces and names of failed calls carry paths of this machine, and replay needs none of them. */
function withoutMachine(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value;
}

/**
 * `node --import tsx test/proof/record-histories.ts NAME…`: records golden histories, those named. One that
 * is
 * there is recorded anew only for a change that no open run can meet; otherwise the workflow must keep
 * replaying it (`patched`).
 */
const named = process.argv.slice(2);
const stories = Object.entries({ ...STORIES, ...MONEY_STORIES }).filter(([name]) => named.includes(name));

await withServers(async ({ temporalAddress, mongoUri }) => {
  const { client, close } = await openTemporal(temporalAddress);
  const bursar = await startBursar({ temporalAddress, mongoUri });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, story] of stories) {
    const run = await story(bursar);
    writeFileSync(join(FOLDER, `${name}.json`), await lastHistory(client, run));
    process.stdout.write(`${name}: ${(await bursar.client.get<ApiRun>(`/runs/${run.id}`)).message}\n`);
  }
  await Promise.all([bursar.stop(), close()]);
});
process.exit(0);
