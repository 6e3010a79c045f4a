import type { Store } from '../../store/index.ts';
import { FAILURE, logRow, ORG, plannedItems, SPENT } from './database.ts';
import { AFTER } from './estimate-calls.ts';

const page = { limit: 2 };

/** Every function of the repositories of items and of their results. */
export const RUN_ITEM_CALLS = {
  runItems: {
    insertPlan: ({ runItems }: Store) => runItems.insertPlan(ORG, 'r1', plannedItems(3)),
    append: ({ runItems }: Store) => runItems.append(ORG, 'r1', { key: 'mem_1', name: 'mem_1', user: 'ada' }),
    open: ({ runItems }: Store) => runItems.open(ORG, 'r1', -1, 10),
    claim: ({ runItems }: Store) => runItems.claim(ORG, 'r1', 0, new Date()),
    current: ({ runItems }: Store) => runItems.current(ORG, 'r1'),
    putBack: ({ runItems }: Store) => runItems.putBack(ORG, 'r1', 0, SPENT),
    end: ({ runItems }: Store) =>
      runItems.end(ORG, 'r1', 0, { ...SPENT, state: 'failed', failure: FAILURE }, new Date()),
    find: ({ runItems }: Store) => runItems.find(ORG, 'r1', 0),
    list: async ({ runItems }: Store) => {
      for (const state of [undefined, 'failed'] as const) await runItems.list(ORG, 'r1', state, page);
    },
    count: ({ runItems }: Store) => runItems.count(ORG, 'r1'),
    failureGroups: ({ runItems }: Store) => runItems.failureGroups(ORG, 'r1'),
    retried: async ({ runItems }: Store) => {
      for (const more of [{}, { fingerprint: 'x' }])
        await runItems.retried(ORG, 'r1', { afterSeq: -1, limit: 5, ...more });
    },
    reopenFailed: async ({ runItems }: Store) => {
      for (const codes of [undefined, ['x']])
        for (const fingerprint of ['x', undefined])
          await runItems.reopenFailed(ORG, 'r1', fingerprint, codes);
    },
  },
  generationLogs: {
    store: async ({ generationLogs }: Store) => {
      for (const seq of [0, 0, 1]) await generationLogs.store(logRow('r1', seq));
    },
    ofItem: ({ generationLogs }: Store) => generationLogs.ofItem(ORG, 'r1', 0),
    after: AFTER,
    list: async ({ generationLogs }: Store) => [
      await generationLogs.list(ORG, 'r1', undefined, page),
      await generationLogs.list(ORG, 'r1', 0, page),
    ],
  },
  runArchives: {
    move: ({ runArchives, runItems }: Store) =>
      runArchives.move(runItems.model as never, ORG, 'r9', new Date()),
    restore: ({ runArchives, runItems }: Store) => runArchives.restore(runItems.model as never, ORG, 'r9'),
  },
};
