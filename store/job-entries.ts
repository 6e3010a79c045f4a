import mongoose from 'mongoose';
import type { Budget } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import { given } from '../domain/given.ts';
import { bucketOf } from '../domain/ledger/sketch.ts';
import type { Collections } from './collections.ts';
import type { Entry, Spread } from './entries.ts';
import type { JobDoc } from './jobs.ts';
import { periodsAt } from './outside-costs.ts';

/** Jobs that belong to one day, scope and set of budget periods, and what they bring and take back. */
interface Group extends Spread {
  /** Of the last of them. */
  at: Date;
  day: string;
  scope: Scope;
  periods: string[];
  costNanoUsd: number;
  takesBack: boolean;
}

/**
 * What a change of jobs brings into the ledger: one entry for the jobs that are alike, for there may be many
 * millions. A job that has changed takes its old cost back and brings its new one: they may belong to other
 * teams, days or budget periods.
 */
export function createJobEntries(
  org: string,
  budgets: Budget[],
  budgetPeriods: Collections['budgetPeriods'],
) {
  const groups = new Map<string, Group>();

  async function groupOf(doc: JobDoc): Promise<Group> {
    const scope = scopeOf(doc);
    const periods = await periodsAt(budgetPeriods, budgets, scope, doc.t);
    const key = JSON.stringify([doc.d, doc.tm, doc.p, doc.m, doc.q, doc.u, doc.k, ...periods]);
    const empty = { count: 0, sketch: {}, costNanoUsd: 0, takesBack: false };
    const group = groups.get(key) ?? { at: doc.t, day: doc.d, scope, periods, ...empty };
    groups.set(key, group);
    return group;
  }

  function count(group: Group, costNanoUsd: number, by: 1 | -1): void {
    const bucket = bucketOf(costNanoUsd);
    group.costNanoUsd += by * costNanoUsd;
    group.count += by;
    group.sketch[bucket] = (group.sketch[bucket] ?? 0) + by;
  }

  return {
    /** A job that costs nothing leaves no trace in the ledger. */
    async bring(doc: JobDoc): Promise<void> {
      if (doc.c === 0) return;
      const group = await groupOf(doc);
      count(group, doc.c, 1);
      group.min = Math.min(group.min ?? doc.c, doc.c);
      group.max = Math.max(group.max ?? doc.c, doc.c);
      if (doc.t > group.at) group.at = doc.t;
    },
    async takeBack(doc: JobDoc): Promise<void> {
      if (doc.c === 0) return;
      const group = await groupOf(doc);
      count(group, doc.c, -1);
      group.takesBack = true;
    },
    entries(): Entry[] {
      const batch = new mongoose.Types.ObjectId().toString();
      const present = [...groups.values()].filter(changesSomething);
      return present.map((group, index) => toEntry(org, `jobs:${batch}:${index}`, group));
    },
  };
}

function changesSomething({ costNanoUsd, sketch }: Group): boolean {
  return costNanoUsd !== 0 || Object.values(sketch).some((count) => count !== 0);
}

function toEntry(org: string, id: string, group: Group): Entry {
  const { at, day, scope, periods, costNanoUsd, takesBack, count, min, max } = group;
  const sketch = Object.fromEntries(Object.entries(group.sketch).filter(([, times]) => times !== 0));
  return given({
    ...{ id, org, at, day, scope, periods, costNanoUsd },
    components: { job: costNanoUsd },
    flag: takesBack ? ('correction' as const) : undefined,
    // Of a single cost the entry says it itself.
    spread: takesBack || count > 1 ? given({ count, min, max, sketch }) : undefined,
  });
}

function scopeOf(doc: JobDoc): Scope {
  const { tm: team, p: provider, m: model, q: queue, u: user, k: kind } = doc;
  return given({ team, provider, model, queue, user, kind });
}
