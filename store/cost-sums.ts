import type { Scope } from '../domain/budgets/scope.ts';
import { invalidInput } from '../domain/errors.ts';
import { addSum, type CostSum, emptySum } from '../domain/ledger/cost-sum.ts';
import type { Collections } from './collections.ts';
import { type DailyCost, ofDays } from './daily-costs.ts';

/** Which costs are summed up: of the days from `start` to `end`, both `YYYY-MM-DD` and inclusive. */
export interface CostQuery {
  start: string;
  end: string;
  /** Only costs of this scope. */
  scope: Scope;
  /** Apart for each value of these. */
  groupBy: (keyof Scope)[];
}

/** The costs of one day and group. */
export interface DaySum {
  day: string;
  group: Scope;
  sum: CostSum;
}

/** Sums that one answer may have. */
const MAX_SUMS = 20_000;

/** Sums over the daily costs, however many rows they have: they are read one after another. */
export function createCostSums({ dailyCosts }: Pick<Collections, 'dailyCosts'>) {
  /** In the order of days. @throws AppError `invalid_input` for more than 20,000 sums. */
  return async function sumCosts(org: string, query: CostQuery): Promise<DaySum[]> {
    const filter = { ...ofDays(org, query.start, query.end), ...query.scope };
    const rows = dailyCosts.model.collection.find(filter as never, { sort: { _id: 1 } });
    const sums = new Map<string, DaySum>();
    for await (const row of rows as unknown as AsyncIterable<DailyCost>) {
      const values = query.groupBy.map((field) => row[field]);
      const key = JSON.stringify([row.day, ...values.map((value) => value ?? null)]);
      const known = sums.get(key) ?? { day: row.day, group: groupOf(query, values), sum: emptySum() };
      if (sums.size >= MAX_SUMS && !sums.has(key)) throw tooMany();
      sums.set(key, known);
      addSum(known.sum, partOf(row));
    }
    return [...sums.values()];
  };
}

function groupOf({ groupBy }: CostQuery, values: (string | undefined)[]): Scope {
  return Object.fromEntries(
    groupBy.flatMap((field, at) => (values[at] === undefined ? [] : [[field, values[at]]])),
  );
}

/** A row that has only corrections has no smallest and largest cost. */
function partOf({ count, cost, min, max, components, tokens, sketch }: DailyCost): CostSum {
  const counted = count > 0;
  return {
    count,
    cost,
    min: counted ? min : undefined,
    max: counted ? max : undefined,
    components: components ?? {},
    tokens: tokens ?? {},
    sketch: sketch ?? {},
  };
}

function tooMany() {
  const problem = 'makes too many rows: group by less, or ask for fewer days';
  return invalidInput(`groupBy ${problem} (at most ${MAX_SUMS.toLocaleString('en-US')})`, [
    { field: 'groupBy', problem },
  ]);
}
