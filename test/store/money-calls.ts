import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';
import { drawOf, entryOf, terms, wanted } from './money.ts';

const AT = new Date();
const page = { limit: 2 };
const BUDGET = 'bud_calls';
const OTHER = 'bud_other';

/** The present period of the budget, opened on first use. */
async function periodOf({ budgets, budgetPeriods }: Store) {
  const budget = await budgets.find(ORG, BUDGET);
  if (budget === undefined) throw new Error('the budget is not there');
  const period = await budgetPeriods.at(budget, undefined, AT);
  if (period === undefined) throw new Error('there is no period');
  return { budget, id: period.id };
}

const hold = { _id: 'r1:calls:1', org: ORG };
const draw = drawOf(5, { draw: 'r1:0.calls.1' });
const row = { _id: 'a1', org: ORG, budget: BUDGET, event: 'created', by: 'key_1', at: AT } as const;

/**
 * Every function of the repositories of budgets and of the ledger, in an order that leaves something to
 * find.
 */
export const MONEY_CALLS = {
  budgets: {
    create: async ({ budgets }: Store) => [
      await budgets.create(ORG, BUDGET, terms(1_000), 'key_1', AT),
      await budgets.create(ORG, OTHER, terms(1_000, { scope: { team: 'x' } }), 'key_1', AT),
    ],
    finishChange: ({ budgets }: Store) => budgets.finishChange(BUDGET),
    finishChanges: ({ budgets }: Store) => budgets.finishChanges(),
    find: ({ budgets }: Store) => budgets.find(ORG, BUDGET),
    edit: ({ budgets }: Store) => budgets.edit(ORG, BUDGET, { amountNanoUsd: 2_000 }, 'key_1', AT),
    raise: async (store: Store) => {
      const raise = { id: 'c1', amountNanoUsd: 10, reason: 'more', by: 'key_1', at: AT };
      return store.budgets.raise(ORG, BUDGET, (await periodOf(store)).id, raise);
    },
    closeBreaker: ({ budgets }: Store) => budgets.closeBreaker(ORG, BUDGET, 'enough', 'key_1', AT),
    list: async ({ budgets }: Store) => [
      await budgets.list(ORG, {}, page),
      await budgets.list(ORG, { active: true }, page),
    ],
    active: ({ budgets }: Store) => budgets.active(ORG),
    everyActive: async ({ budgets }: Store) => {
      for await (const budget of budgets.everyActive()) if (budget.id === '') throw new Error('no id');
    },
    findMany: ({ budgets }: Store) => budgets.findMany([BUDGET]),
    remove: ({ budgets }: Store) => budgets.remove(ORG, OTHER, 'key_1', AT),
  },
  budgetPeriods: {
    open: ({ budgetPeriods }: Store) => budgetPeriods.openCap(ORG, 'r9', 5, AT),
    openCap: ({ budgetPeriods }: Store) => budgetPeriods.openCap(ORG, 'r1', 5, AT),
    setCap: ({ budgetPeriods }: Store) => budgetPeriods.setCap(ORG, 'r1', 7, AT),
    at: (store: Store) => periodOf(store),
    find: async (store: Store) => store.budgetPeriods.find(ORG, (await periodOf(store)).id),
    findMany: async (store: Store) => store.budgetPeriods.findMany([(await periodOf(store)).id]),
    ofBudget: ({ budgetPeriods }: Store) => budgetPeriods.ofBudget(ORG, BUDGET, 5),
    current: ({ budgetPeriods }: Store) => budgetPeriods.current(ORG, AT),
  },
  holds: {
    draw: async (store: Store) => {
      await store.acquire(wanted(50, { id: hold._id, owner: 'r1', line: 'r1:calls', number: 1 }));
      return store.holds.draw(hold._id, draw);
    },
    find: ({ holds }: Store) => holds.find(ORG, hold._id),
    newest: ({ holds }: Store) => holds.newest(ORG, 'r1:calls'),
    ofOwner: ({ holds }: Store) => holds.ofOwner(ORG, 'r1'),
    unsettledOf: ({ holds }: Store) => holds.unsettledOf(ORG, 'r1'),
    heldBy: ({ holds }: Store) => holds.heldBy(ORG, ['r1']),
    list: async ({ holds }: Store) => [
      await holds.list(ORG, {}, page),
      await holds.list(ORG, { owner: 'r1' }, page),
      await holds.list(ORG, { state: 'open' }, page),
    ],
    closeDraw: ({ holds }: Store) => holds.closeDraw(hold._id, draw.draw, 1),
    closeDrawSoon: ({ holds }: Store) => {
      holds.closeDrawSoon(hold._id, draw.draw, 1);
      return holds.draw(hold._id, draw);
    },
    markStale: ({ holds }: Store) => holds.markStale(ORG, { team: 'x' }),
    markStaleOf: ({ holds }: Store) => holds.markStaleOf(ORG, 'r1'),
    leftovers: ({ holds }: Store) => holds.leftovers(AT, 10),
  },
  entries: {
    markPosted: ({ entries }: Store) => entries.markPosted([draw.draw]),
    insert: ({ entries }: Store) => entries.insert(entryOf(hold, draw, 4)),
    find: ({ entries }: Store) => entries.find(draw.draw),
    findMany: ({ entries }: Store) => entries.findMany([draw.draw]),
    unposted: ({ entries }: Store) => entries.unposted(10),
    list: async ({ entries }: Store) => [
      await entries.list(ORG, {}, { limit: 2, skip: 0 }),
      await entries.list(ORG, { start: AT, end: AT }, { limit: 2, skip: 0 }),
    ],
    costOfRun: ({ entries }: Store) => entries.costOfRun('r1'),
    ofRun: ({ entries }: Store) => entries.ofRun(ORG, 'r1', { limit: 2 }),
  },
  dailyCosts: {
    known: ({ dailyCosts }: Store) => dailyCosts.known(['a|2026-01-01|']),
    list: ({ dailyCosts }: Store) => dailyCosts.list(ORG, '2026-01-01', '2026-12-31', {}),
    costByDay: ({ dailyCosts }: Store) =>
      dailyCosts.costByDay(ORG, '2026-01-01', '2026-12-31', { team: 'a' }),
    dearest: ({ dailyCosts }: Store) =>
      dailyCosts.dearest(ORG, 'user', { start: '2026-01-01', end: '2026-12-31', scope: { team: 'a' } }, 10),
  },
  burns: {
    add: ({ burns }: Store) => burns.add({ number: 1, minute: 1, periods: [{ id: 'p', spent: 1 }] }),
    since: ({ burns }: Store) => burns.since('p', AT),
  },
  auditLog: {
    add: ({ auditLog }: Store) => auditLog.add([row]),
    list: async ({ auditLog }: Store) => [
      await auditLog.list(ORG, {}, page),
      await auditLog.list(ORG, { budget: BUDGET }, page),
      await auditLog.list(ORG, { event: 'created' }, page),
    ],
    before: ({ auditLog }: Store) => auditLog.before(ORG, AT, '', 2),
    extent: ({ auditLog }: Store) => auditLog.extent(ORG),
    count: ({ auditLog }: Store) => auditLog.count(ORG, 'created', AT),
  },
  spendWatch: {
    look: async (store: Store) => store.spendWatch.look([(await periodOf(store)).id], AT),
    startGrace: async (store: Store) => {
      const { budget, id } = await periodOf(store);
      const policy = { ...budget.policy, gracePeriodHours: 1 };
      return store.spendWatch.startGrace({ ...budget, policy }, id, AT);
    },
  },
  outsideCosts: {
    post: ({ outsideCosts }: Store) =>
      outsideCosts.post(ORG, 'job', [
        { id: 'j1', scope: {}, costNanoUsd: 3, components: { base: 3 }, at: AT },
      ]),
  },
  upkeep: {
    endRaises: ({ upkeep }: Store) => upkeep.endRaises(AT),
    endGrace: ({ upkeep }: Store) => upkeep.endGrace(AT),
    closePeriods: ({ upkeep }: Store) => upkeep.closePeriods(AT),
    openPeriods: ({ upkeep }: Store) => upkeep.openPeriods(AT),
  },
};

/** What runs keep of their money. */
export const RUN_MONEY_CALLS = {
  waitingForMoney: ({ runs }: Store) => runs.waitingForMoney(ORG, undefined, 1),
  approve: ({ runs }: Store) => runs.approve(ORG, 'r1', { hash: 'h', by: 'key_1', at: AT }),
  setMoney: ({ runs }: Store) =>
    runs.setMoney(ORG, 'r1', { event: 'run_limit', capNanoUsd: 5, by: 'key_1', at: AT }),
};

export const ORGANIZATION_CALLS = {
  ids: ({ organizations }: Store) => organizations.ids(),
  names: ({ organizations }: Store) => organizations.names([ORG]),
  takeLedgerCheck: ({ organizations }: Store) => organizations.takeLedgerCheck(ORG, AT, 1),
  budgetsVersion: ({ organizations }: Store) => organizations.budgetsVersion(ORG),
};
