import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { eventsOf } from './event-stream.ts';

let bursar: Bursar;
let project: string;

beforeAll(async () => {
  bursar = await startBursar();
  project = (await bursar.client.upload(SHOP)).id;
});
afterAll(() => bursar.stop());

const start = (model: string, more = {}) =>
  bursar.client.startRun({ projectId: project, layers: ['summary'], ...more }, { concurrency: 1, model });
const statesIn = (events: { event: string; data: { state: string } }[]) =>
  events.filter(({ event }) => event === 'state').map(({ data }) => data.state);
const distinct = (list: string[]) => list.filter((each, index) => each !== list[index - 1]);

describe('the events of a run', () => {
  test('are every change of state, progress that grows, and the end, with ids that count up', async () => {
    const { id } = await start('offline:latencyMs=60/gpt-5-mini');
    const { events, ended } = await eventsOf(bursar, id);
    expect(ended).toBe(true);
    expect(statesIn(events)).toEqual(['queued', 'planning', 'estimating', 'running', 'completed']);
    const ids = events.map((event) => event.id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const progress = events.filter(({ event }) => event === 'progress').map(({ data }) => data.progress);
    const processed = progress.map((each) => each.processed);
    expect(processed).toEqual(processed.toSorted((a, b) => a - b));
    expect(new Set(processed).size).toBeGreaterThan(2);
    expect(progress[0]?.percent).toBe(0);
    expect(progress.some(({ current }) => current !== null)).toBe(true);
    expect(events.map(({ event }) => event).filter((name) => name.startsWith('job-'))).toEqual([
      'job-completed',
    ]);
    const last = events.at(-1);
    expect([last?.event, last?.data.id, last?.data.progress.percent]).toEqual(['job-completed', id, 100]);
    expect(last?.data).toEqual(await bursar.client.get(`/runs/${id}`));
  });

  test('that a watcher missed are sent when it comes back, and none twice', async () => {
    const { id } = await start('offline:latencyMs=100/gpt-5-mini');
    const before = await eventsOf(bursar, id, { enough: ({ data }) => data.state === 'running' });
    const lastEventId = before.events.at(-1)?.id ?? 0;
    await bursar.client.post(`/runs/${id}/pause`);
    await bursar.client.until(id, ({ state }) => state === 'paused');
    await bursar.client.post(`/runs/${id}/resume`);
    await bursar.client.until(id, ({ state }) => state === 'running');
    const after = await eventsOf(bursar, id, { lastEventId });
    for (const { event, id: eventId } of after.events)
      if (event === 'state') expect(eventId).toBeGreaterThan(lastEventId);
    const states = [...statesIn(before.events), ...statesIn(after.events)];
    expect(states).toEqual(distinct(states));
    expect(states.slice(0, 4)).toEqual(['queued', 'planning', 'estimating', 'running']);
    expect(states.slice(4).join(' ')).toMatch(/^(pausing )?paused running completed$/);
  });

  test('show an asked-for pause at once, and the pause when it is reached', async () => {
    const { id } = await start('offline:latencyMs=150/gpt-5-mini');
    await bursar.client.until(id, ({ state }) => state === 'running');
    const watching = eventsOf(bursar, id, { enough: ({ data }) => data.state === 'paused' });
    await bursar.client.post(`/runs/${id}/pause`);
    const { events } = await watching;
    expect(events.map(({ data }) => data.state)).toContain('paused');
    await bursar.client.post(`/runs/${id}/cancel`);
    const { events: rest } = await eventsOf(bursar, id);
    expect(rest.at(-1)).toMatchObject({ event: 'job-failed', data: { state: 'cancelled' } });
  });

  test('of a run that has ended are its end at once, however often it is asked for', async () => {
    const { id } = await start('offline:keyMissing=1/gpt-5-mini');
    const run = await bursar.client.untilEnded(id);
    expect([run.state, run.failure?.code]).toEqual(['failed', 'llm_key_missing']);
    const started = Date.now();
    const whole = await eventsOf(bursar, id);
    expect(statesIn(whole.events).at(-1)).toBe('failed');
    expect([whole.ended, whole.events.at(-1)?.event]).toEqual([true, 'job-failed']);
    const lastEventId = whole.events.at(-1)?.id ?? 0;
    for (const known of [lastEventId, lastEventId + 1000]) {
      const { events, ended } = await eventsOf(bursar, id, { lastEventId: known });
      expect([ended, events.map(({ event }) => event)]).toEqual([true, ['job-failed']]);
    }
    expect(Date.now() - started).toBeLessThan(1_500);
  });

  test('go on for a last id that the run has never had', async () => {
    const { id } = await start('offline:latencyMs=100/gpt-5-mini');
    await bursar.client.until(id, ({ state }) => state === 'running');
    const { events } = await eventsOf(bursar, id, { lastEventId: 1_000_000 });
    expect(events.map(({ event }) => event)).toContain('progress');
    expect([statesIn(events).at(-1), events.at(-1)?.event]).toEqual(['completed', 'job-completed']);
  });

  test('are 404 for a run that is not there, and 400 for a last id that is no number', async () => {
    expect((await bursar.client.send('GET', '/runs/none/events')).status).toBe(404);
    const { id } = await start('offline:keyMissing=1/gpt-5-mini');
    const odd = await bursar.client.send('GET', `/runs/${id}/events`, undefined, { 'last-event-id': 'x' });
    expect(odd.status).toBe(400);
  });

  test('cost the API nothing any more once the watchers are gone', async () => {
    const { id } = await start('offline:latencyMs=20000/gpt-5-mini');
    await bursar.client.until(id, ({ progress }) => progress.current !== null);
    const stop = new AbortController();
    const watchers = Array.from({ length: 60 }, () =>
      eventsOf(bursar, id, { signal: stop.signal }).catch(() => 'gone'),
    );
    await sleep(500);
    const watched = await processorTicksOf(bursar.apis[0]?.pid ?? 0, 1_500);
    stop.abort();
    expect(new Set(await Promise.all(watchers))).toEqual(new Set(['gone']));
    await sleep(700);
    const left = await processorTicksOf(bursar.apis[0]?.pid ?? 0, 1_500);
    expect(left).toBeLessThan(watched / 2);
    await bursar.client.post(`/runs/${id}/cancel`);
    expect((await bursar.client.untilEnded(id)).state).toBe('cancelled');
  });
});

/** Processor time that a process uses in a stretch of time, in ticks of a hundredth of a second. */
async function processorTicksOf(pid: number, ms: number): Promise<number> {
  const read = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = read();
  await sleep(ms);
  return read() - before;
}
