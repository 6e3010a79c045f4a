import { proveHoldsRace } from '../proof/holds-race.ts';
import { startBursar } from '../support/bursar.ts';

test.each([1, 2])(
  'of 64 requests of 7 at once on a budget of 100 exactly 14 are granted, over %i API process(es)',
  async (apis) => {
    const bursar = await startBursar({ apis, workers: 0 });
    try {
      expect(await proveHoldsRace(bursar, 2)).toMatchObject({ apis, races: 2 });
    } finally {
      await bursar.stop();
    }
  },
);
