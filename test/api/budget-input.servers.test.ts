import type { ApiBudget } from '../../api/budget-answers.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { EVERYTHING, NEW } from './budget-bodies.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const create = (more: object = {}) => bursar.client.post<ApiBudget>('/budgets', { ...NEW, ...more });
const get = (id: string) => bursar.client.get<ApiBudget>(`/budgets/${id}`);
const fieldsOf = ({ error }: ErrorBody) => error.details?.map(({ field }) => field);
const total = async () => (await bursar.client.get<{ total: number }>('/budgets')).total;

describe('bad input', () => {
  test.each([
    [{ amountUsd: -1 }, 'amountUsd'],
    [{ amountUsd: 1e16 }, 'amountUsd'],
    [{ amountUsd: '100' }, 'amountUsd'],
    [{ amountUsd: null }, 'amountUsd'],
    [{ amountUsd: 0.0000000001 }, 'amountUsd'],
    [{ amountUsd: undefined }, 'amountUsd'],
    [{ name: '  ' }, 'name'],
    [{ thresholds: { warning: 0.95 } }, 'thresholds.throttle'],
    [{ thresholds: { block: 1.1 } }, 'thresholds.block'],
    [{ period: { type: 'custom', startDate: '2025-02-01', endDate: '2025-01-01' } }, 'period.endDate'],
    [{ period: { type: 'monthly', timeZone: 'Mars/Olympus' } }, 'period.timeZone'],
    [{ period: { type: 'hourly' } }, 'period.type'],
    [{ currency: 'EUR' }, 'currency'],
    [{ scope: { tream: 'x' } }, 'scope.tream'],
    [{ policy: { gracePeriodHours: -1 } }, 'policy.gracePeriodHours'],
    [{ notifications: [{ type: 'email', target: 'nobody' }] }, 'notifications.0.target'],
    [{ per: 'team' }, 'per'],
    [{ typo: 1 }, 'typo'],
  ])('%j is refused with the field named, and nothing is stored', async (wrong, field) => {
    const before = await total();
    const { status, body } = await bursar.client.send<ErrorBody>('POST', '/budgets', { ...NEW, ...wrong });
    expect([status, body.error.code, fieldsOf(body)]).toEqual([400, 'invalid_input', [field]]);
    expect(await total()).toBe(before);
  });

  test.each(['NaN', 'Infinity', '1e999', '{', ''])('a body with %s is refused', async (text) => {
    const { status } = await fetch(`${bursar.client.url}/api/v1/budgets`, {
      method: 'POST',
      headers: { 'X-API-Key': bursar.key, 'Content-Type': 'application/json' },
      body: `{"name":"x","period":{"type":"daily"},"amountUsd":${text}}`,
    });
    expect(status).toBe(400);
  });

  test('is told all at once by validate, whatever is wrong with it', async () => {
    const validate = (body: unknown) =>
      bursar.client.post<{ valid: boolean; problems: { field?: string; problem: string }[] }>(
        '/budgets/validate',
        body,
      );
    const before = await total();
    expect(await validate(EVERYTHING)).toEqual({ valid: true, problems: [] });
    const wrong = { amountUsd: -1, currency: 'EUR', thresholds: { block: 0.1 }, tags: 'x', typo: 1 };
    const { valid, problems } = await validate(wrong);
    expect([valid, problems.map(({ field }) => field).toSorted()]).toEqual([
      false,
      ['amountUsd', 'currency', 'name', 'period', 'tags', 'thresholds.block', 'typo'],
    ]);
    expect(problems).toContainEqual({ field: 'name', problem: 'is missing' });
    expect((await validate([])).valid).toBe(false);
    expect(await total()).toBe(before);
    // A new budget that has them is refused with the same.
    const { body } = await bursar.client.send<ErrorBody>('POST', '/budgets', wrong);
    expect(body.error.details).toEqual(problems);
  });
});

describe('who may', () => {
  test('a viewer reads and checks; only an admin changes; another organization sees nothing', async () => {
    const { id } = await create();
    const viewer = await clientOf(bursar, opened, 'default', 'viewer');
    const operator = await clientOf(bursar, opened, 'default', 'operator');
    for (const path of ['', `/${id}`, `/${id}/status`, `/${id}/audit`])
      expect((await viewer.send('GET', `/budgets${path}`)).status).toBe(200);
    for (const [path, body] of [
      ['validate', NEW],
      ['check', { queue: 'ml' }],
    ] as const)
      expect((await viewer.send('POST', `/budgets/${path}`, body)).status).toBe(200);
    const stranger = await clientOf(bursar, opened, 'elsewhere', 'admin');
    for (const [method, path, body] of [
      ['POST', '/budgets', NEW],
      ['PATCH', `/budgets/${id}`, { amountUsd: 1 }],
      ['POST', `/budgets/${id}/raise`, { amountUsd: 1, reason: 'x' }],
      ['POST', `/budgets/${id}/close-breaker`, { reason: 'x' }],
      ['DELETE', `/budgets/${id}`, undefined],
    ] as const) {
      expect((await viewer.send(method, path, body)).status).toBe(403);
      expect((await operator.send(method, path, body)).status).toBe(403);
      if (path !== '/budgets') expect((await stranger.send(method, path, body)).status).toBe(404);
    }
    for (const path of ['', '/status', '/audit'])
      expect((await stranger.send('GET', `/budgets/${id}${path}`)).status).toBe(404);
    expect((await stranger.get<{ total: number }>('/budgets')).total).toBe(0);
    expect((await get(id)).amountUsd).toBe(100);
  });
});
