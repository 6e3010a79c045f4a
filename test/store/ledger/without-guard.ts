import type { Store } from '../../../store/index.ts';
import type { Command } from './commands.ts';

interface Guard {
  /** Takes the guard away. */
  remove(store: Store): void;
  /** A program that shows that it is missing; more often than not, where it needs a race. */
  program: Command[][];
  /** What is found wrong then. */
  wrong: RegExp;
}

const acquire = (store: number, amount: number, minutes = 0): Command => {
  return { do: 'acquire', store, scope: 3, amount, least: 1, way: 'none', minutes };
};
const draw = (worst: number, share = 0.3): Command => ({ do: 'draw', store: 1, hold: 0, worst, share });
const finish: Command = { do: 'finish', store: 2, draw: 0 };

/**
 * What keeps money together: each is one condition of one write. The fold's own guard needs no chance:
 * fold.servers.test.ts lets batches count twice.
 */
export const GUARDS: Record<string, Guard> = {
  'what a period has left, when a hold is taken': {
    remove: (store) => strip(store.budgetPeriods.model.collection, 'bulkWrite', 'left'),
    program: [[acquire(0, 1)], [acquire(0, 900), acquire(1, 900), acquire(2, 900)]],
    wrong: /is committed of/,
  },
  'what a hold has left, at a draw': {
    remove: (store) => strip(store.holds.model.collection, 'updateOne', 'left'),
    program: [[acquire(0, 50)], [draw(60)]],
    wrong: /has -10 left/,
  },
  "a hold's end, at a draw": {
    remove: (store) => strip(store.holds.model.collection, 'updateOne', 'state'),
    program: [[acquire(0, 50)], [{ do: 'release', store: 1, hold: 0 }], [draw(0)]],
    wrong: /drawn from after its end/,
  },
  "a hold's time, at a draw": {
    remove: (store) => strip(store.holds.model.collection, 'updateOne', 'validUntil'),
    program: [[acquire(0, 50, 30)], [{ do: 'wait', store: 0, minutes: 40 }], [draw(10)]],
    wrong: /drawn from after its time/,
  },
  'whether a draw is open already, when it is taken': {
    remove: (store) => strip(store.holds.model.collection, 'updateOne', 'open.draw', '$push'),
    program: [[acquire(0, 50)], [draw(10)], [{ do: 'drawAgain', store: 2, draw: 0 }]],
    wrong: /taken twice/,
  },
  'whether a draw is open still, when it is settled': {
    remove: (store) => strip(store.holds.model.collection, 'updateOne', 'open.draw', '$pull'),
    program: [[acquire(0, 50)], [draw(10)], [finish], [finish]],
    wrong: /"kind":"committed"/,
  },
};

type Filter = Record<string, unknown>;
type Call = (...input: unknown[]) => unknown;
interface Update {
  updateOne?: { filter: Filter };
}

/** Takes one condition out of the filters of a collection's writes; of those alone that use an operator. */
function strip(
  collection: object,
  method: 'updateOne' | 'bulkWrite',
  field: string,
  operator?: string,
): void {
  const methods = collection as Record<string, Call>;
  const call = methods[method];
  methods[method] = (first, second, ...rest) => {
    const without = ({ [field]: _left, ...others }: Filter): Filter => others;
    if (method === 'updateOne') {
      const concerned = operator === undefined || operator in (second as object);
      return call?.call(collection, concerned ? without(first as Filter) : first, second, ...rest);
    }
    const updates = (first as Update[]).map((each) =>
      each.updateOne === undefined
        ? each
        : { updateOne: { ...each.updateOne, filter: without(each.updateOne.filter) } },
    );
    return call?.call(collection, updates, second, ...rest);
  };
}
