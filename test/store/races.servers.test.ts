import { type DocumentVersion, LAYERS } from '../../domain/project.ts';
import {
  FAILURE,
  newRun,
  newStore,
  type OpenedStore,
  ORG,
  object,
  proposal,
  racing,
  trues,
} from './database.ts';

let opened: OpenedStore;
beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

describe('documents', () => {
  const versionsOf = async (name: string) =>
    (await opened.store.documents.versions(ORG, 'prj_1', name)).map(({ version, state, id }) => [
      version,
      state,
      id,
    ]);

  test('proposed again under the same id change nothing, whatever the guess of the newest', async () => {
    const { documents } = opened.store;
    const first = await documents.propose(ORG, undefined, () => proposal('a1', 'again'));
    const known = await documents.newestOf(ORG, 'prj_1', 'again');
    if (known === undefined) throw new Error('it is not stored');
    for (const guess of [undefined, known, { ...known, version: 5 }])
      expect(
        await documents.propose(ORG, guess, () => ({ ...proposal('a1', 'again'), content: { text: {} } })),
      ).toMatchObject({ id: 'a1', content: first.content });
    expect(await versionsOf('again')).toEqual([[1, 'proposed', 'a1']]);
    expect((await documents.find(ORG, 'a1'))?.content).toEqual({ text: { summary: 'text of a1' } });
  });

  test('of many runs at once get a version each, and one proposal is left', async () => {
    const { documents } = opened.store;
    await racing(8, (index) => documents.propose(ORG, undefined, () => proposal(`race${index}`, 'raced')));
    const versions = await versionsOf('raced');
    expect(versions.map(([version]) => version)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(versions.map(([, state]) => state)).toEqual(['proposed', ...Array(7).fill('superseded')]);
  });

  test('build on the version before, though it came when the caller knew of none', async () => {
    const { documents } = opened.store;
    const withLayers = (id: string, known: DocumentVersion | undefined, layer: string) => ({
      ...proposal(id, 'layers'),
      content: { text: { ...known?.content.text, [layer]: `by ${id}` } },
    });
    await racing(3, (index) =>
      documents.propose(ORG, undefined, (known) =>
        withLayers(`l${index}`, known, LAYERS[index] ?? 'summary'),
      ),
    );
    const newest = await documents.newestOf(ORG, 'prj_1', 'layers');
    expect(newest?.version).toBe(3);
    expect(newest?.content.text).toEqual({ summary: 'by l0', business: 'by l1', technical: 'by l2' });
  });

  test('are decided once', async () => {
    const { documents } = opened.store;
    await documents.propose(ORG, undefined, () => proposal('d1', 'decided'));
    const decided = await racing(16, (index) =>
      documents.decide(ORG, 'd1', index % 2 ? 'approved' : 'rejected', `key_${index}`),
    );
    expect(trues(decided)).toBe(1);
    expect(await documents.decide('other', 'd1', 'approved', 'x')).toBe(false);
  });
});

describe('runs', () => {
  test('are created once under one id', async () => {
    const made = await racing(8, () => newRun(opened, 'same-id'));
    expect(new Set(made.map(({ position }) => position)).size).toBe(1);
    expect(
      (await opened.store.runs.list(ORG, {}, { limit: 100 })).rows.filter(({ _id }) => _id === 'same-id'),
    ).toHaveLength(1);
  });

  test('move no more after their end, nor in an older round, nor to where they are', async () => {
    const { runs } = opened.store;
    const { _id } = await newRun(opened);
    expect(trues(await racing(8, () => runs.move(ORG, _id, { state: 'running' }, 1)))).toBe(1);
    expect(await runs.move(ORG, _id, { state: 'paused' }, 2)).toBe(false);
    expect(
      trues(
        await racing(8, (index) => runs.move(ORG, _id, { state: index % 2 ? 'completed' : 'failed' }, 1)),
      ),
    ).toBe(1);
    const { version, history, state } = (await runs.find(ORG, _id)) ?? {};
    expect(await runs.move(ORG, _id, { state: 'running' }, 1)).toBe(false);
    expect(await runs.request(ORG, _id, { pauseRequested: true })).toBeUndefined();
    expect(await runs.find(ORG, _id)).toMatchObject({ version, state });
    expect(history?.map((change) => change.version)).toEqual([1, 2, 3]);
  });

  test('open a round once', async () => {
    const { runs } = opened.store;
    const { _id } = await newRun(opened);
    expect(await runs.openRound(ORG, _id, 1)).toBeUndefined();
    await runs.move(ORG, _id, { state: 'failed', failure: FAILURE }, 1);
    const rounds = await racing(8, () => runs.openRound(ORG, _id, 1, 'a'));
    expect(rounds.filter(Boolean)).toHaveLength(1);
    const run = await runs.find(ORG, _id);
    expect(run).toMatchObject({ state: 'queued', round: 2, retryFingerprint: 'a', samples: [] });
    expect([run?.failure, run?.endedAt]).toEqual([undefined, undefined]);
  });

  test('are found by the state that people see', async () => {
    const { runs } = opened.store;
    const { _id } = await newRun(opened, 'shown', 'shown');
    const foundAs = async () => {
      const states = ['queued', 'running', 'pausing', 'paused', 'cancelling', 'cancelled'] as const;
      const pages = await Promise.all(states.map((state) => runs.list('shown', { state }, { limit: 10 })));
      return states.filter((_, index) => pages[index]?.total === 1);
    };
    const seen = [await foundAs()];
    for (const step of [
      () => runs.move('shown', _id, { state: 'running' }, 1),
      () => runs.request('shown', _id, { pauseRequested: true }),
      () => runs.move('shown', _id, { state: 'paused' }, 1),
      () => runs.request('shown', _id, { cancelRequested: true }),
      () => runs.move('shown', _id, { state: 'cancelled' }, 1),
    ]) {
      await step();
      seen.push(await foundAs());
    }
    expect(seen).toEqual([['queued'], ['running'], ['pausing'], ['paused'], ['cancelling'], ['cancelled']]);
  });

  test('keep a bounded history and bounded samples', async () => {
    const { runs } = opened.store;
    const { _id } = await newRun(opened);
    for (let at = 0; at < 130; at += 1) {
      await runs.move(ORG, _id, { state: at % 2 ? 'running' : 'paused' }, 1);
      await runs.addCounters(ORG, _id, { done: 1 }, new Date());
    }
    const run = await runs.find(ORG, _id);
    expect([run?.samples.length, run?.counters.done]).toEqual([120, 130]);
    expect(run?.history.length).toBeLessThanOrEqual(200);
  });
});

test('a key that is made sure of many times is one key, and stays as it was first', async () => {
  const { apiKeys, organizations } = opened.store;
  const key = { org: 'keys', hash: 'hash', name: 'first', role: 'viewer' } as const;
  await apiKeys.ensure({ _id: 'key_0', ...key });
  await racing(16, (index) => apiKeys.ensure({ _id: `key_${index}`, ...key, name: 'later', role: 'admin' }));
  expect(await apiKeys.list('keys')).toEqual([
    expect.objectContaining({ _id: 'key_0', name: 'first', role: 'viewer' }),
  ]);
  await racing(16, (index) => apiKeys.ensure({ _id: `new_${index}`, ...key, hash: 'new' }));
  expect(await apiKeys.countOf('keys')).toBe(2);
  expect(trues(await racing(8, () => organizations.ensure('org', 'x')))).toBe(1);
});

test('a revision is seen when it is published, and an older one never takes its place', async () => {
  const { projects, objects } = opened.store;
  const facts = {
    name: 'p',
    adapterType: 'd',
    origin: 'o',
    contentHash: 'c',
    objectCount: 1,
    modelCount: 1,
    warnings: [],
  };
  const taken = await racing(8, (index) => projects.takeRevision(ORG, 'p', `prj_${index}`));
  expect(new Set(taken.map(({ revision }) => revision)).size).toBe(8);
  const id = taken[0]?.id ?? '';
  expect(new Set(taken.map((each) => each.id))).toEqual(new Set([id]));
  expect([await projects.find(ORG, id), (await projects.list(ORG, { limit: 9 })).total]).toEqual([
    undefined,
    0,
  ]);
  await racing(8, (index) =>
    objects.insertRevision({ org: ORG, project: id, revision: index + 1 }, [object('a')], [], undefined),
  );
  for (const revision of [3, 8, 5]) await projects.publish(ORG, { id, revision, ...facts });
  expect((await projects.find(ORG, id))?.revision).toBe(8);
  await objects.dropRevisionsBefore({ org: ORG, project: id, revision: 5 }, [2]);
  expect((await objects.model.distinct('revision', { project: id })).toSorted()).toEqual([2, 5, 6, 7, 8]);
});
