import type { Store } from '../../store/index.ts';
import { BATCH_CALLS, RUN_BATCH_CALLS } from './batch-calls.ts';
import { BUDGET_USAGE_CALLS } from './budget-usage-calls.ts';
import { COSTING_CALLS } from './costing-calls.ts';
import {
  counters,
  estimate,
  FAILURE,
  newRun,
  newStore,
  type OpenedStore,
  ORG,
  object,
  proposal,
} from './database.ts';
import { ESTIMATE_CALLS } from './estimate-calls.ts';
import { FORECAST_CALLS } from './forecast-calls.ts';
import { JOB_CALLS } from './job-calls.ts';
import { MONEY_CALLS, ORGANIZATION_CALLS, RUN_MONEY_CALLS } from './money-calls.ts';
import { PROVIDER_CALLS } from './provider-calls.ts';
import { problemOf, type Stage, stagesOf } from './query-plans.ts';
import { RUN_ITEM_CALLS } from './run-item-calls.ts';

interface Query {
  collection: string;
  method: string;
  /** A filter, or the stages of an aggregation. */
  of: object;
  sort?: Record<string, 1 | -1>;
}

let opened: OpenedStore;
const recorded: Query[] = [];

beforeAll(async () => {
  opened = await newStore();
  opened.connection.set('debug', (collection: string, method: string, ...args: object[]) => {
    // `distinct` names its field first.
    const [of = {}, ...more] = method === 'distinct' ? args.slice(1) : args;
    const sorts = more.map((each) => (each as { sort?: Query['sort'] } | null)?.sort);
    const sort = sorts.find((each) => typeof each === 'object');
    recorded.push({ collection, method, of, ...(sort === undefined ? {} : { sort }) });
  });
});
afterAll(() => opened.close());

const page = { limit: 2 };
const key = { _id: 'k', org: ORG, hash: 'h', name: 'n', role: 'admin' } as const;
const of = { org: ORG, project: 'prj_1', revision: 1 };
const facts = {
  name: 'p',
  adapterType: 'duckdb',
  origin: 'o',
  contentHash: 'c',
  objectCount: 2,
  modelCount: 2,
  warnings: [],
};

/** Every function of every repository, once at least, in an order that leaves something to find. */
const CALLS: { [Name in keyof Store]?: Record<string, (store: Store) => Promise<unknown>> } = {
  organizations: {
    ensure: ({ organizations }) => organizations.ensure(ORG, 'Default'),
    ...ORGANIZATION_CALLS,
  },
  apiKeys: {
    ensure: ({ apiKeys }) => apiKeys.ensure(key),
    insert: ({ apiKeys }) => apiKeys.insert({ ...key, _id: 'k2', hash: 'h2' }),
    findByHash: async ({ apiKeys }) => [await apiKeys.findByHash('h'), await apiKeys.findByHash('none')],
    countOf: ({ apiKeys }) => apiKeys.countOf(ORG),
    countEver: ({ apiKeys }) => apiKeys.countEver(ORG),
    list: ({ apiKeys }) => apiKeys.list(ORG),
    make: ({ apiKeys }) => apiKeys.make({ ...key, _id: 'k3', hash: 'h3' }, 'key_1'),
    rotate: ({ apiKeys }) => apiKeys.rotate({ org: ORG, id: 'k2', hash: 'h4', graceSeconds: 9 }, 'key_1'),
    touch: ({ apiKeys }) => apiKeys.touch(ORG, 'k2', new Date()),
    revoke: ({ apiKeys }) => apiKeys.revoke(ORG, 'k2', 'key_1'),
  },
  projects: {
    takeRevision: ({ projects }) => projects.takeRevision(ORG, 'p', 'prj_1'),
    publish: ({ projects }) => projects.publish(ORG, { id: 'prj_1', revision: 1, ...facts }),
    find: ({ projects }) => projects.find(ORG, 'prj_1'),
    findByName: ({ projects }) => projects.findByName(ORG, 'p'),
    list: ({ projects }) => projects.list(ORG, page),
  },
  objects: {
    insertRevision: ({ objects }) =>
      objects.insertRevision(of, [object('a'), object('b')], [{ path: 'y', text: '' }], 'g'),
    find: ({ objects }) => objects.find(of, 'a'),
    findMany: ({ objects }) => objects.findMany(of, ['a', 'b']),
    outlines: async ({ objects }) => [await objects.outlines(of), await objects.outlines(of, ['a'])],
    list: async ({ objects }) => [
      await objects.list(of, undefined, page),
      await objects.list(of, 'model', page),
    ],
    ymlFiles: ({ objects }) => objects.ymlFiles(of),
    glossary: ({ objects }) => objects.glossary(of),
    dropRevisionsBefore: ({ objects }) => objects.dropRevisionsBefore(of, []),
  },
  documents: {
    propose: async ({ documents }) => {
      for (const id of ['d1', 'd2', 'd3']) await documents.propose(ORG, undefined, () => proposal(id, 'a'));
    },
    newest: async ({ documents }) => [
      await documents.newest(ORG, 'prj_1'),
      await documents.newest(ORG, 'prj_1', ['a']),
    ],
    newestOf: ({ documents }) => documents.newestOf(ORG, 'prj_1', 'a'),
    find: ({ documents }) => documents.find(ORG, 'd1'),
    list: async ({ documents }) => [
      await documents.list(ORG, { project: 'prj_1' }, page),
      await documents.list(ORG, { project: 'prj_1', state: 'proposed' }, page),
      await documents.list(ORG, { run: 'r1' }, page),
    ],
    versions: ({ documents }) => documents.versions(ORG, 'prj_1', 'a'),
    proposals: async ({ documents }) => [
      await documents.proposals(ORG, { project: 'prj_1' }, 10),
      await documents.proposals(ORG, { project: 'prj_1', run: 'r1' }, 10),
    ],
    decide: ({ documents }) => documents.decide(ORG, 'd3', 'approved', 'key_1'),
  },
  runs: {
    ...RUN_MONEY_CALLS,
    create: () => newRun(opened, 'r1'),
    find: ({ runs }) => runs.find(ORG, 'r1'),
    list: async ({ runs }) => {
      for (const filter of [
        {},
        { kind: 'documentation' },
        { state: 'queued' },
        { state: 'completed' },
        { state: 'paused' },
        { schedule: 'sch_1' },
      ] as const)
        await runs.list(ORG, filter, page);
      await runs.list(ORG, { kind: 'documentation', state: 'pausing' }, page);
      await runs.list(ORG, { state: 'cancelling' }, page);
    },
    setEstimate: ({ runs }) => runs.setEstimate(ORG, 'r1', estimate),
    setCounters: ({ runs }) => runs.setCounters(ORG, 'r1', counters({ total: 3 })),
    addCounters: ({ runs }) => runs.addCounters(ORG, 'r1', { done: 1 }, new Date()),
    setConcurrency: ({ runs }) => runs.setConcurrency(ORG, 'r1', 2),
    request: ({ runs }) => runs.request(ORG, 'r1', { pauseRequested: true }),
    flagsOf: ({ runs }) => runs.flagsOf(['r1']),
    openBefore: ({ runs }) => runs.openBefore(new Date(), 10),
    letGo: ({ runs }) => runs.letGo(ORG, 'r1'),
    archivable: async ({ runs }) => {
      for (const from of [new Date(0), ORG]) await runs.archivable(new Date(0), 10, from);
    },
    claimForArchive: ({ runs }) => runs.claimForArchive(ORG, 'none', new Date()),
    unarchive: ({ runs }) => runs.unarchive(ORG, 'r1', new Date()),
    revisionsInUse: ({ runs }) => runs.revisionsInUse(ORG, 'prj_1'),
    move: ({ runs }) => runs.move(ORG, 'r1', { state: 'failed', failure: FAILURE }, 1),
    openRound: ({ runs }) => runs.openRound(ORG, 'r1', 1),
    ...RUN_BATCH_CALLS,
  },
  ...BATCH_CALLS,
  ...RUN_ITEM_CALLS,
  ...MONEY_CALLS,
  ...BUDGET_USAGE_CALLS,
  ...COSTING_CALLS,
  ...FORECAST_CALLS,
  ...PROVIDER_CALLS,
  ...ESTIMATE_CALLS,
  ...JOB_CALLS,
};

/** Reads and guarded writes: what has to find documents before it can do anything. */
const FINDS =
  /^(find(One(And\w+)?)?|countDocuments|distinct|aggregate|update(One|Many)|replaceOne|deleteMany)$/;

async function planOf({ collection, method, of: asked, sort }: Query): Promise<Stage[]> {
  const target = opened.connection.collection(collection);
  const pipeline = asked as Record<string, Record<string, never>>[];
  const filter = method === 'aggregate' ? (pipeline[0]?.$match ?? {}) : asked;
  const cursor = target.find(filter as never, sort === undefined ? {} : { sort });
  const { queryPlanner } = (await cursor.explain('queryPlanner')) as { queryPlanner: { winningPlan: Stage } };
  return stagesOf(queryPlanner.winningPlan);
}

/**
 * Open runs are few: housekeeping takes the oldest of all once a minute, and who waits is sorted by
 * urgency.
 */
const MAY_SORT = ['runs.openBefore', 'runs.waitingForMoney'];

/**
 * All there are: organizations, and of an index that holds them alone the budgets whose change is not
 * finished.
 */
const MAY_SCAN = ['organizations.ids', 'budgets.finishChanges'];

/** Parts of others' transactions: those who make them are in the table. */
const IN_TRANSACTIONS = [
  ...['organizations.bumpBudgets', 'auditLog.addIn', 'alerts.raiseIn', 'budgets.touch', 'entries.insertIn'],
  ...['organizations.bumpPeople', 'organizations.insertIn', 'people.insertIn', 'people.joinIn'],
  ...['people.removeIn', 'invitations.setIn', 'invitations.takeIn'],
  ...['jobDayMarks.markIn', 'jobDayMarks.clearIn', 'jobDays.replaceIn', 'entries.insertManyIn'],
  ...['jobDayMarks.archivedIn', 'jobDayMarks.archiveIn', 'jobDayMarks.unarchiveIn'],
  ...['archives.beginIn', 'archives.restoredIn'],
  ...['jobs.manyIn', 'costSnapshots.staleIn', 'costSnapshots.touchIn', 'costSnapshots.settleIn'],
  'ingestions.advanceIn',
];

test('the table of calls names every function of every repository', () => {
  const missing = Object.entries(opened.store).flatMap(([name, repository]) => {
    if (typeof repository === 'function') return [];
    const functions = Object.entries(repository).filter(([, value]) => typeof value === 'function');
    const called = Object.keys(CALLS[name as keyof Store] ?? {});
    const plain = functions.map(([each]) => each).filter((each) => each !== 'model' && each !== 'files');
    return plain.filter((each) => !called.includes(each)).map((each) => `${name}.${each}`);
  });
  expect(missing.filter((each) => !IN_TRANSACTIONS.includes(each))).toEqual([]);
});

test('every query is served by an index, from its first field on, and nothing is sorted after', async () => {
  const problems: string[] = [];
  for (const [name, calls] of Object.entries(CALLS))
    for (const [call, run] of Object.entries(calls)) {
      recorded.length = 0;
      await run(opened.store);
      for (const query of recorded.filter(({ method }) => FINDS.test(method)).slice()) {
        const sorts = query.sort !== undefined && !MAY_SORT.includes(`${name}.${call}`);
        const problem = problemOf(await planOf(query), sorts);
        if (problem !== undefined && !MAY_SCAN.includes(`${name}.${call}`))
          problems.push(`${name}.${call} ${problem}: ${JSON.stringify(query)}`);
      }
    }
  expect(problems).toEqual([]);
}, 60_000);

test('a query without an index would be found out', async () => {
  const { collection } = opened.store.documents.model;
  const unsorted = await planOf({ collection: collection.name, method: 'find', of: { name: 'a' } });
  expect(problemOf(unsorted, false)).toBeDefined();
  const sorted = await planOf({
    collection: collection.name,
    method: 'find',
    of: { org: ORG },
    sort: { createdAt: 1 },
  });
  expect(problemOf(sorted, true)).toBeDefined();
});
