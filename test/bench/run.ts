import { type Client, Connection, Client as TemporalClient } from '@temporalio/client';
import type { ApiRun } from '../../api/run-schemas.ts';
import { serviceEnvironment, startServices } from '../../local/services.ts';
import { workflowIdOf } from '../../workflows/messages.ts';
import { type Bursar, startBursar, startProgram } from '../support/bursar.ts';
import { manifestOf } from '../support/shop.ts';

const WINDOW = 32;
const BARE_OBJECTS = 1600;
const ONE_LAYER_OBJECTS = 900;
const SIX_LAYER_OBJECTS = 320;
/** A warm-up, so that nobody pays for loading code and tokenizers in the figures. */
const WARM_UP_OBJECTS = 40;

/**
 * Objects per second of a documentation run with the offline provider, which takes no time, against what
 * Temporal alone does on the same machine with the same window, servers and worker options.
 */
export async function benchRun(note: (line: string) => void) {
  const services = await startServices({
    dataDir: '.bursar',
    ephemeral: true,
    headless: true,
    environment: serviceEnvironment(process.env),
    report: ({ message }) => note(message),
  });
  const servers = { temporalAddress: services.temporalAddress, mongoUri: services.mongoUri };
  try {
    const client = new TemporalClient({
      connection: await Connection.connect({ address: services.temporalAddress }),
    });
    const bareActivitiesPerSecond = await measureBare(client, services.temporalAddress);
    note(`bare Temporal: ${bareActivitiesPerSecond.toFixed(0)} activities/s`);
    const bursar = await startBursar(servers);
    await documentAll(bursar, WARM_UP_OBJECTS);
    const one = await documentAll(bursar, ONE_LAYER_OBJECTS, ['summary']);
    const six = await documentAll(bursar, SIX_LAYER_OBJECTS);
    const events = await eventsOf(client, one.id);
    await bursar.stop();
    const figure = (run: ApiRun) => {
      const objectsPerSecond = run.progress.total / secondsOf(run);
      return { objectsPerSecond, ratio: objectsPerSecond / bareActivitiesPerSecond };
    };
    return {
      bareActivitiesPerSecond,
      eventsPerObject: events / one.progress.total,
      oneLayer: figure(one),
      sixLayers: figure(six),
    };
  } finally {
    await services.stop();
  }
}

async function measureBare(client: Client, temporalAddress: string): Promise<number> {
  const taskQueue = 'bare';
  const worker = await startProgram('test/bench/bare-worker.ts', {
    TEMPORAL_ADDRESS: temporalAddress,
    BURSAR_TASK_QUEUE: taskQueue,
  });
  const once = (id: string, objects: number) =>
    client.workflow.execute('bare', { workflowId: id, taskQueue, args: [objects, WINDOW] });
  await once('bare-warm-up', WARM_UP_OBJECTS);
  const startedAt = performance.now();
  await once('bare', BARE_OBJECTS);
  const seconds = (performance.now() - startedAt) / 1000;
  await worker.kill();
  return BARE_OBJECTS / seconds;
}

/** One whole run, planning and estimating included. */
async function documentAll(bursar: Bursar, objects: number, layers?: string[]): Promise<ApiRun> {
  const project = await bursar.client.upload(
    { manifest: manifestOf(objects) },
    { name: `bench ${objects} ${layers?.length ?? 6}` },
  );
  const input = { projectId: project.id, ...(layers === undefined ? {} : { layers }) };
  const run = await bursar.client.startRun(input, { concurrency: WINDOW });
  // Seldom: looking at a run is work too, and would be measured with it.
  const ended = await bursar.client.untilEnded(run.id, 60_000, 500);
  if (ended.state !== 'completed') throw new Error(`the run is ${ended.state}: ${ended.message}`);
  return ended;
}

function secondsOf(run: ApiRun): number {
  return (Date.parse(run.endedAt ?? '') - Date.parse(run.createdAt)) / 1000;
}

/** Over all executions of the run: each page is one. */
async function eventsOf(client: Client, runId: string): Promise<number> {
  let events = 0;
  for await (const execution of client.workflow.list({ query: `WorkflowId = '${workflowIdOf(runId)}'` }))
    events += execution.historyLength;
  return events;
}
