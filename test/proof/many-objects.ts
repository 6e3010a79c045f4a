import { execFileSync } from 'node:child_process';
import type { Client } from '@temporalio/client';
import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { executionsOf, openTemporal, textsIn } from '../support/histories.ts';
import { itemsOf } from '../support/provider.ts';
import { manifestOf } from '../support/shop.ts';
import { secondsOf } from './kill.ts';
import { claim, type Proof, withServers } from './proof.ts';

const EVENTS_LIMIT = 4_096;
const EVENTS_PER_OBJECT = 6;
const SAMPLE_MS = 500;

/** Documents many objects in one run, and checks its histories, its counters and that they keep secrets. */
export async function proveManyObjects(bursar: Bursar, client: Client, objects: number) {
  const { id: projectId } = await bursar.client.upload({ manifest: manifestOf(objects) });
  const memory = sampleMemory(bursar.workers[0]?.pid ?? 0);
  const input = { projectId, layers: ['summary'] };
  const run = await bursar.client.startRun(input, { concurrency: 32 });
  const ended = await bursar.client.untilEnded(run.id, 600_000);
  const rssMb = memory.stop();
  await checkCounters(bursar, ended, objects);
  const executions = await executionsOf(client, run.id);
  const eventCounts = executions.map(({ events }) => events.length);
  const eventsPerObject = eventCounts.reduce((sum, count) => sum + count, 0) / objects;
  claim('each execution has under 4,096 events', Math.max(...eventCounts) < EVENTS_LIMIT, true);
  claim('at most 6 events per object', eventsPerObject <= EVENTS_PER_OBJECT, true);
  const texts = executions.map(({ events }) => textsIn(events)).join('');
  claim('the histories are readable here', texts.includes(run.id) && texts.includes('processItem'), true);
  for (const secret of await secretsOf(bursar, run))
    claim(`no history carries "${secret.slice(0, 40)}…"`, texts.includes(secret), false);
  const longest = Math.max(...executions.map(({ events }) => longestPayload(events)));
  return {
    objects,
    seconds: secondsOf(ended),
    executions: executions.length,
    mostEvents: Math.max(...eventCounts),
    eventsPerObject: Number(eventsPerObject.toFixed(2)),
    longestPayloadBytes: longest,
    rssMb,
  };
}

async function checkCounters(bursar: Bursar, ended: ApiRun, objects: number): Promise<void> {
  const items = await itemsOf(bursar.client, ended);
  claim('the run completes', ended.state, 'completed');
  claim('every object is done', ended.progress.done, objects);
  claim('progress is exactly 100 percent', ended.progress.percent, 100);
  claim('the counters equal the items', items.filter(({ state }) => state === 'done').length, objects);
  const tokens = items.reduce((sum, item) => sum + (item.tokens?.input ?? 0), 0);
  claim('so do the tokens', ended.tokens.input, tokens);
}

/** A line of code that every object has, and sentences of what was written about the first objects. */
async function secretsOf(bursar: Bursar, run: ApiRun): Promise<string[]> {
  const { documents } = await bursar.client.get<{ documents: { content: { text: { summary: string } } }[] }>(
    `/runs/${run.id}/documents?limit=5`,
  );
  claim('there are documents to look for', documents.length, 5);
  return ['select', ...documents.map(({ content }) => content.text.summary.slice(0, 60))];
}

function longestPayload(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Math.max(0, ...Object.values(value).map(longestPayload));
}

/** Resident memory of a process over time, as averages of the first and the last third, in megabytes. */
function sampleMemory(pid: number) {
  const samples: number[] = [];
  const take = () => {
    const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
    samples.push(kilobytes / 1024);
  };
  take();
  const timer = setInterval(take, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      const third = Math.max(1, Math.floor(samples.length / 3));
      const mean = (part: number[]) => Math.round(part.reduce((sum, mb) => sum + mb, 0) / part.length);
      return {
        first: mean(samples.slice(0, third)),
        middle: mean(samples.slice(third, -third)),
        last: mean(samples.slice(-third)),
        most: Math.round(Math.max(...samples)),
      };
    },
  };
}

const FULL_OBJECTS = 5_000;
/** Small, so that what is not collected yet does not pass for what is needed. */
const HEAP_MB = 256;
const GROWTH_MB = 40;

export const manyObjects: Proof = {
  title: '5,000 objects in one run: small histories without texts, exact counters, flat memory',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const temporal = await openTemporal(temporalAddress);
      const environment = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
      const bursar = await startBursar({ temporalAddress, mongoUri, environment });
      try {
        const figures = await proveManyObjects(bursar, temporal.client, FULL_OBJECTS);
        const grown = figures.rssMb.last - figures.rssMb.middle;
        claim(`memory is flat (${grown} MB more in the last third)`, grown < GROWTH_MB, true);
        return figures;
      } finally {
        await Promise.all([bursar.stop(), temporal.close()]);
      }
    }),
};
