import type { ApiEntry, ApiHold } from '../../api/hold-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { COSTS, nano, sumOf } from './cost-data.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;

interface Entries {
  entries: ApiEntry[];
  total: number;
  has_more: boolean;
  cursor?: string;
}

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
  await opened.store.outsideCosts.post('default', 'job', COSTS);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const entriesOf = (query: string) => bursar.client.get<Entries>(`/costs/entries?${query}`);

describe('the entries of the ledger', () => {
  test('are listed once each by cursor, the newest first, also where many have the same time', async () => {
    const seen: ApiEntry[] = [];
    let cursor = '';
    do {
      const page = await entriesOf(`limit=7${cursor}`);
      expect([page.total, page.entries.length <= 7]).toEqual([60, true]);
      seen.push(...page.entries);
      cursor = page.cursor === undefined ? '' : `&cursor=${page.cursor}`;
    } while (cursor !== '');
    expect(new Set(seen.map(({ id }) => id)).size).toBe(60);
    expect(seen.map(({ at }) => at)).toEqual(
      seen
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(seen.reduce((sum, { costUsd }) => sum + nano(costUsd), 0)).toBe(sumOf(COSTS));
    expect(seen[0]).toMatchObject({
      hold: null,
      run: null,
      scope: { model: 'x/y' },
      components: { cpu: 0.004000012 },
      day: '2025-02-03',
    });
  });

  test('go on behind a page that was skipped to', async () => {
    const all = (await entriesOf('limit=60')).entries.map(({ id }) => id);
    for (const skip of [1, 2, 3, 10]) {
      const page = await entriesOf(`limit=2&skip=${skip}`);
      const next = await entriesOf(`limit=2&cursor=${page.cursor}`);
      const further = await entriesOf(`limit=2&skip=1&cursor=${next.cursor}`);
      const last = await entriesOf(`limit=2&cursor=${further.cursor}`);
      const ids = [page, next, further, last].flatMap(({ entries }) => entries.map(({ id }) => id));
      expect(ids).toEqual([...all.slice(skip, skip + 4), ...all.slice(skip + 5, skip + 9)]);
    }
  });

  test('keep their order while others are added', async () => {
    const first = await entriesOf('limit=2&end=2025-01-31T00:00:00Z');
    await opened.store.outsideCosts.post('default', 'job', [
      { ...COSTS[4]!, id: 'late', scope: {}, at: new Date('2025-01-30T12:00:04Z') },
    ]);
    const rest = await entriesOf(`limit=50&end=2025-01-31T00:00:00Z&cursor=${first.cursor}`);
    const ids = [...first.entries, ...rest.entries].map(({ id }) => id);
    expect([new Set(ids).size, ids.length]).toEqual([16, 16]);
  });

  test('are those of a time, of a run, of a hold', async () => {
    const { entries } = await entriesOf('start=2025-01-30T12:00:01Z&end=2025-01-30T12:00:02Z');
    expect(entries.map(({ at }) => at)).toEqual(Array(3).fill('2025-01-30T12:00:01.000Z'));
    const hold = await bursar.client.post<ApiHold>('/holds', { scope: { team: 'green' }, amountUsd: 5 });
    for (let at = 0; at < 5; at += 1)
      await bursar.client.post(`/holds/${hold.id}/entries`, { id: `e${at}`, costUsd: 1 });
    const first = await entriesOf(`run=${hold.id}&limit=3`);
    const second = await entriesOf(`run=${hold.id}&limit=3&cursor=${first.cursor}`);
    const ids = [...first.entries, ...second.entries].map(({ id }) => id);
    expect([first.total, ids]).toEqual([5, [0, 1, 2, 3, 4].map((at) => `${hold.id}:e${at}`)]);
    expect(first.entries[0]).toMatchObject({ hold: hold.id, run: null, scope: { team: 'green' } });
    expect((await entriesOf(`run=${hold.id}&end=2025-01-01T00:00:00Z`)).total).toBe(0);
    expect((await entriesOf('run=no-such-run')).entries).toEqual([]);
  });

  test.each([
    ['start', 'start=yesterday'],
    ['end', 'start=2025-01-02T00:00:00Z&end=2025-01-01T00:00:00Z'],
    ['limit', 'limit=101'],
    ['cursor', 'cursor=abc'],
    ['cursor', `cursor=${Buffer.from('"x"').toString('base64url')}`],
    ['team', 'team=red'],
  ])('name %s where it is wrong in %s', async (field, query) => {
    const { status, body } = await bursar.client.send<ErrorBody>('GET', `/costs/entries?${query}`);
    expect([status, body.error.code]).toEqual([400, 'invalid_input']);
    expect(body.error.details?.map((detail) => detail.field)).toEqual([field]);
  });
});
