import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../worker/workflow-bundle.ts';

// A history that does not replay is what one of the tests wants: no need to log it.
const filter = makeTelemetryFilterString({ core: 'ERROR' });
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });

const FOLDER = join(import.meta.dirname, '../fixtures/histories');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

function* histories(change: (text: string) => string = (text) => text) {
  for (const name of names) {
    const plain = JSON.parse(change(readFileSync(join(FOLDER, name), 'utf8')));
    const history = proto.temporal.api.history.v1.History.fromObject(plain);
    yield { workflowId: `run:${name}`, history };
  }
}

/** How each history replays, by its name: undefined where it does. */
async function replayAll(change?: (text: string) => string): Promise<Record<string, Error | undefined>> {
  const results: Record<string, Error | undefined> = {};
  const options = { workflowBundle: await workflowBundle() };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories(change)))
    results[workflowId] = error;
  return results;
}

test('runs that were recorded with earlier code go on with the code of today', async () => {
  expect(names.length).toBeGreaterThanOrEqual(4);
  const results = await replayAll();
  expect(results).toEqual(Object.fromEntries(names.map((name) => [`run:${name}`, undefined])));
}, 60_000);

test('a workflow that would decide otherwise than it did is noticed', async () => {
  const results = await replayAll((text) => text.replaceAll('"recount"', '"moveState"'));
  // Whoever was rejected had nothing to count.
  const changed = names.filter((name) => readFileSync(join(FOLDER, name), 'utf8').includes('"recount"'));
  expect(changed.length).toBeGreaterThanOrEqual(6);
  const noticed = names.filter((name) => results[`run:${name}`] !== undefined);
  expect(noticed).toEqual(changed);
}, 60_000);

test('no recorded history names the machine it was recorded on', () => {
  const words = [hostname(), '/home/', '/root/', '/work/', 'node_modules', 'file://'];
  for (const name of names) {
    const written = readFileSync(join(FOLDER, name), 'utf8');
    const payloads = [...written.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) => atob(data));
    const text = written + payloads.join('\n');
    expect(payloads.length).toBeGreaterThan(5);
    expect(words.filter((word) => text.includes(word))).toEqual([]);
  }
});
