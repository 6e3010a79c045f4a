import fc from 'fast-check';

/** What may happen to money. Numbers that name a store, hold, draw or budget are counted round. */
export type Command = { store: number } & (
  | {
      do: 'acquire';
      scope: number;
      amount: number;
      least: number;
      way: 'none' | 'emergency' | 'bypass';
      minutes: number;
    }
  | { do: 'acquireAgain'; hold: number }
  | { do: 'extend'; hold: number; amount: number }
  | { do: 'draw'; hold: number; worst: number; share: number }
  | { do: 'drawAgain'; draw: number }
  | { do: 'finish'; draw: number }
  | { do: 'assume'; draw: number }
  | { do: 'release'; hold: number }
  | { do: 'sweep' }
  | { do: 'wait'; minutes: number }
  | { do: 'raise'; budget: number; amount: number }
  | { do: 'edit'; budget: number; by: number }
  | { do: 'create'; amount: number }
  | { do: 'remove'; budget: number }
  | { do: 'outside'; job: number; scope: number; cost: number }
  | { do: 'fold' }
);

const store = fc.nat(2);
const any = fc.nat(1_000);
const amount = fc.integer({ min: 1, max: 400 });

/** Tame: without anything that may go past a budget. */
function commands(tame: boolean): fc.Arbitrary<Command> {
  const of = <T extends object>(weight: number, name: Command['do'], model: T) => ({
    weight,
    arbitrary: fc.record({ store, do: fc.constant(name), ...model }) as unknown as fc.Arbitrary<Command>,
  });
  const acquire = {
    scope: fc.nat(3),
    amount,
    least: fc.constantFrom(0.2, 1),
    way: tame ? fc.constant('none') : fc.constantFrom('none', 'none', 'none', 'emergency', 'bypass'),
    minutes: fc.constantFrom(0, 0, 30),
  };
  // Below 0: refused unbilled; above 1: an overrun.
  const share = tame ? fc.constantFrom(-1, 0, 0.3, 0.7, 1) : fc.constantFrom(-1, 0, 0.3, 1, 1.2);
  return fc.oneof(
    of(8, 'acquire', acquire),
    of(1, 'acquireAgain', { hold: any }),
    of(3, 'extend', { hold: any, amount }),
    of(12, 'draw', { hold: any, worst: fc.integer({ min: 0, max: 150 }), share }),
    of(1, 'drawAgain', { draw: any }),
    of(10, 'finish', { draw: any }),
    of(3, 'assume', { draw: any }),
    of(4, 'release', { hold: any }),
    of(1, 'sweep', {}),
    of(1, 'wait', { minutes: fc.constantFrom(40, 1_440) }),
    of(1, 'raise', { budget: any, amount }),
    of(1, 'edit', { budget: any, by: tame ? amount : fc.integer({ min: -400, max: 400 }) }),
    of(1, 'create', { amount }),
    of(1, 'remove', { budget: any }),
    ...(tame ? [] : [of(2, 'outside', { job: fc.nat(3), scope: fc.nat(3), cost: fc.nat(120) })]),
    of(4, 'fold', {}),
  );
}

/** Groups of commands: those of a group happen at the same time. */
export const program: fc.Arbitrary<Command[][]> = fc
  .boolean()
  .chain((tame) =>
    fc.array(fc.array(commands(tame), { minLength: 1, maxLength: 6 }), { minLength: 6, maxLength: 14 }),
  );
