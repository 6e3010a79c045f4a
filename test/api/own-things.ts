import type { Bursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { INVITATION } from './account-routes.ts';
import { raiseAlert } from './alert-routes.ts';
import { batchOf } from './batch-routes.ts';
import { BUDGET } from './budget-routes.ts';
import { CHANNEL } from './channel-routes.ts';
import { COMPANY, SOURCE } from './company-routes.ts';
import { PRICE } from './estimate-routes.ts';
import { GPU_PRICE, GPU_SNAPSHOT } from './job-routes.ts';
import { MEMORY } from './memory-routes.ts';
import { SCHEDULE } from './schedule-routes.ts';
import type { OpenStore } from './second-organization.ts';

export type OwnThings = Awaited<ReturnType<typeof ownThings>>;

/** One of everything that a path can name, of the organization `default`: their ids. */
export async function ownThings({ client }: Bursar, { store, tokenOf }: OpenStore) {
  const idOf = async (path: string, body: object) => (await client.post<{ id: string }>(path, body)).id;
  const { id: project } = await client.upload(SHOP);
  const batch = await idOf('/batches', batchOf(project));
  const { id: run } = await client.startRun({ projectId: project });
  const document = `${run}:0`;
  await store.documents.propose('default', undefined, () => ({
    id: document,
    project,
    object: 'model.shop.stg_orders',
    name: 'stg_orders',
    content: { text: { summary: 'secret text' } },
    inputHash: 'x',
    drift: [],
    run,
    model: 'offline/gpt-5-mini',
    createdAt: new Date(),
  }));
  const schedule = await idOf('/schedules', { ...SCHEDULE, input: { projectId: project } });
  const key = await idOf('/keys', { name: 'own', role: 'viewer' });
  const hold = await idOf('/holds', { amountUsd: 1 });
  const budget = await idOf('/budgets', BUDGET);
  const price = await idOf('/prices', PRICE);
  const company = await idOf('/companies', COMPANY);
  await client.post(`/companies/${company}/sources`, SOURCE);
  const ingestion = await idOf('/ingestions', [{}] as never);
  const memory = await idOf('/memories', MEMORY);
  const channel = await idOf('/channels', CHANNEL);
  const invitation = await idOf('/invitations', INVITATION);
  await tokenOf(client.url, 'default', 'viewer');
  const { _id: signIn = '', person = '' } =
    (await store.signIns.model.findOne({ org: 'default' }).lean()) ?? {};
  const alert = await raiseAlert(store, 'default');
  await client.post('/cost-snapshots', { snapshots: [GPU_SNAPSHOT] });
  const [listed] = (
    await client.get<{ snapshots: { id: string }[] }>('/cost-snapshots?start=2026-01-01&end=2026-01-31')
  ).snapshots;
  const { prices } = await client
    .send<{ prices: { id: string }[] }>('PUT', '/gpu-prices', {
      prices: [GPU_PRICE],
    })
    .then(({ body }) => body);
  const snapshot = String(listed?.id);
  const gpuPrice = String(prices[0]?.id);
  const archive = 'jobs:2024-01-01';
  const empty = { of: 'jobs', key: '2024-01-01', state: 'archived', rows: 0, bytes: 0 } as const;
  await store.archives.model.create({ _id: `default|${archive}`, org: 'default', at: new Date(), ...empty });
  return {
    ...{ project, run, document, key, hold, budget, price, company, memory, channel, alert },
    ...{ snapshot, gpuPrice, schedule, batch, invitation, person, signIn, ingestion, archive },
  };
}
