import { newStore, type OpenedStore, ORG } from './database.ts';
import { problemOf, type Stage, stagesOf } from './query-plans.ts';

let opened: OpenedStore;
const recorded: { collection: string; method: string; of: object; sort?: Record<string, 1 | -1> }[] = [];

beforeAll(async () => {
  opened = await newStore();
  await opened.store.organizations.ensure(ORG, ORG);
  opened.connection.set('debug', (collection: string, method: string, of: object, ...more: object[]) => {
    const sort = more.map((each) => (each as { sort?: Record<string, 1 | -1> } | null)?.sort).find(Boolean);
    recorded.push({ collection, method, of, ...(sort !== undefined && { sort }) });
  });
});
afterAll(() => opened.close());

const page = { limit: 2 };
const time = { start: new Date('2025-01-01'), end: new Date('2025-02-01') };
const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
const span = { start: '2025-01-01', end: '2025-01-31', scope: {}, groupBy: [] };

test.each([
  ['entries', () => opened.store.listEntries(ORG, {}, page)],
  ['entries of a time', () => opened.store.listEntries(ORG, time, page)],
  ['entries behind a cursor', () => opened.store.listEntries(ORG, {}, { ...page, cursor: cursorOf([1, 0]) })],
  ['entries of a run', () => opened.store.listEntries(ORG, { run: 'r1' }, page)],
  ['sums of days', () => opened.store.sumCosts(ORG, span)],
  ['sums of a scope', () => opened.store.sumCosts(ORG, { ...span, scope: { team: 'a' }, groupBy: ['user'] })],
  [
    'facts of a report',
    () => opened.store.reportFacts(ORG, { start: '2025-01-01', end: '2025-01-31' }, time.end),
  ],
])('%s are read by an index, from its first field on, and nothing is sorted after', async (_name, read) => {
  recorded.length = 0;
  await read();
  const finds = recorded.filter(({ method }) => method === 'find' || method === 'countDocuments');
  expect(finds.length).toBeGreaterThan(0);
  for (const { collection, of, sort } of finds) {
    const cursor = opened.connection.collection(collection).find(of, sort === undefined ? {} : { sort });
    const { queryPlanner } = (await cursor.explain('queryPlanner')) as {
      queryPlanner: { winningPlan: Stage };
    };
    const problem = problemOf(stagesOf(queryPlanner.winningPlan), sort !== undefined);
    expect([collection, of, problem]).toEqual([collection, of, undefined]);
  }
});
