import { createDispatch } from '../../activities/dispatch-alerts.ts';
import type { NewAlert } from '../../domain/alerts/alert.ts';
import { CHANNEL_DEFAULTS, type Channel } from '../../domain/alerts/channel.ts';
import { createChannelBook } from '../../store/channel-book.ts';
import { newStore, type OpenedStore, ORG } from '../store/database.ts';

const START = Date.parse('2026-11-27T09:10:00Z');
const MINUTE_MS = 60_000;
const time = (minutes: number) => new Date(START + minutes * MINUTE_MS);
const hook: Channel = {
  ...CHANNEL_DEFAULTS,
  ...{ id: 'chn_1', org: ORG, name: 'Ops', type: 'log', events: [], metadata: {}, source: 'configuration' },
};

let opened: OpenedStore;
let started: string[];
beforeEach(async () => {
  opened = await newStore();
  started = [];
});
afterEach(() => opened.close());

/** One look of one worker, so many minutes after the start. */
function dispatch(minutes: number, channel: Partial<Channel> = {}): Promise<number> {
  const channels = createChannelBook(opened.store, [{ ...hook, ...channel }]);
  const starter = { deliver: async (_: string, id: string) => started.push(id) } as never;
  return createDispatch({ store: opened.store, channels, starter, now: () => time(minutes) })();
}

async function raise(key: string, minutes: number, more: Partial<NewAlert> = {}): Promise<string> {
  const text = { title: key, text: 'It happened.', facts: [], data: {} };
  const at = time(minutes);
  await opened.store.alerts.raise([
    { org: ORG, type: 'run_waiting', key, severity: 'warning', run: 'run_1', ...text, at, ...more },
  ]);
  return (await opened.store.alerts.list(ORG, {}, { limit: 1 })).rows[0]?.id ?? '';
}

test('eight workers that look at once start one delivery', async () => {
  await raise('a', 0);
  await Promise.all(Array.from({ length: 8 }, () => dispatch(0)));
  expect(started).toHaveLength(1);
  await dispatch(1);
  expect(started).toHaveLength(1);
});

test('what a worker that died had taken is dispatched by another, under the same id', async () => {
  await raise('a', 0);
  await opened.store.alerts.takeDue(time(0), 30_000);
  await dispatch(0.4);
  expect(started).toEqual([]);
  await dispatch(0.6);
  expect(started).toHaveLength(1);
});

test('what is snoozed silences its like, and both are told when the time is over', async () => {
  const id = await raise('a', 0);
  await dispatch(0);
  await opened.store.alerts.snooze(ORG, id, time(60), { at: time(1), by: 'key_1' });
  await raise('b', 2);
  await raise('of another run', 2, { run: 'run_2' });
  await dispatch(3);
  expect(started).toHaveLength(2);
  await dispatch(59);
  expect(started).toHaveLength(2);
  await dispatch(61);
  expect(started).toHaveLength(4);
  expect(new Set(started).size).toBe(4);
});

test('a lasting alert is told, and its end; one that was over before anybody was told is not', async () => {
  const lasting = { lasting: true, type: 'queue_long' as const };
  await raise('long', 0, lasting);
  await dispatch(0);
  await opened.store.alerts.align(ORG, ['queue_long'], [], time(5));
  await dispatch(5);
  expect(started).toHaveLength(2);
  await raise('long', 10, lasting);
  await opened.store.alerts.align(ORG, ['queue_long'], [], time(11));
  await dispatch(11);
  expect(started).toHaveLength(2);
  const { rows } = await opened.store.alerts.list(ORG, { type: 'queue_long' }, { limit: 5 });
  expect(rows.map(({ state }) => state)).toEqual(['resolved', 'resolved']);
});

test('what is held goes as one digest when it is due, and what is critical does not wait', async () => {
  const hourly = { digest: 'hourly' as const };
  const held = [await raise('a', 0), await raise('b', 10, { run: 'run_2' })];
  await raise('c', 10, { severity: 'critical', run: 'run_3' });
  await dispatch(11, hourly);
  expect(started).toHaveLength(1);
  await Promise.all([dispatch(50, hourly), dispatch(50, hourly)]);
  expect(new Set(started).size).toBe(2);
  const digest = await opened.store.deliveries.find(ORG, started.at(-1) ?? '');
  expect(digest?.alerts.toSorted()).toEqual(held.toSorted());
  await dispatch(70, hourly);
  expect(new Set(started).size).toBe(2);
});
