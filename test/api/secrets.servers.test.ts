import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { PROVIDER_MODEL, type Provider, startProvider } from '../support/provider.ts';
import { manifestOf } from '../support/shop.ts';
import type { SignedIn } from './account-client.ts';

/** Each stands in one place where a secret may be, and must not come out elsewhere. */
const MARKS = {
  providerKey: 'sk-MARKEDPROVIDERKEY77',
  source: 'MARKEDSOURCE is what the document says of the company and of its 12 people.',
  memory: 'MARKEDMEMORY is what somebody wants to be remembered.',
  code: 'MARKEDCODE',
  password: 'MARKEDPASSWORD-of-somebody',
  answer: 'MARKEDANSWER stands in the answer of the model, with its source. [S1]',
};
/** And what is made while they are used: tokens, and what is wrong about a password. */
const WORDS = Object.values(MARKS).map((text) => text.split(' ')[0] ?? '');

let provider: Provider;
let bursar: Bursar;
beforeAll(async () => {
  provider = await startProvider();
  bursar = await startBursar({
    environment: {
      ...provider.environment,
      OPENAI_API_KEY: MARKS.providerKey,
      ENRICHMENT_POLL_INTERVAL_MS: '50',
      BURSAR_RUN_RETRY_DELAYS: '50ms',
      BURSAR_LOG_LEVEL: 'debug',
      BURSAR_DEBUG: '1',
    },
    keepLogs: true,
  });
}, 90_000);
afterAll(() => Promise.all([bursar?.stop(), provider?.stop()]));

/** Somebody joins, signs in, fails to, and goes: with a token that nobody else may see. */
async function signIn(): Promise<void> {
  const email = 'marked@example.com';
  const { password } = MARKS;
  const { token } = await bursar.client.post<{ token: string }>('/invitations', { email, role: 'viewer' });
  await bursar.client.post('/auth/accept', { token, password });
  const { access_token } = await bursar.client.post<SignedIn>('/auth/login', { email, password });
  WORDS.push(token, access_token, access_token.split('.')[2] ?? '');
  await bursar.client.send('POST', '/auth/login', { email, password: `${password}-wrong` });
  await bursar.client.send('POST', '/auth/login', { email, password: [password] });
  const bearer = { 'x-api-key': '', authorization: `Bearer ${access_token}` };
  const change = { current: password, new: `${password}-new` };
  expect((await bursar.client.send('POST', '/auth/password', change, bearer)).status).toBe(204);
  expect((await bursar.client.send('POST', '/auth/logout', undefined, bearer)).status).toBe(204);
  expect((await bursar.client.send('GET', '/auth/me', undefined, bearer)).status).toBe(401);
}

async function carryOut(): Promise<string[]> {
  await signIn();
  await provider.setReply(MARKS.answer);
  const { id: company } = await bursar.client.post<{ id: string }>('/companies', { name: 'Larkspur' });
  await bursar.client.post(`/companies/${company}/sources`, { title: 'one', content: MARKS.source });
  const intelligence = { kind: 'intelligence', input: { companyId: company, only: ['NB1'] } };
  const manifest = manifestOf(3);
  const runs: string[] = [];
  const options = { model: PROVIDER_MODEL, maxRetries: 0 };
  runs.push((await bursar.client.post<{ id: string }>('/runs', { ...intelligence, options })).id);
  await bursar.client.untilEnded(runs[0] ?? '');
  const { id: projectId } = await bursar.client.upload({ manifest });
  // Every sort of failure, with the secrets in what the provider answers.
  for (const status of [400, 401, 404, 500]) {
    await provider.setFaults([{ every: 1, status, message: Object.values(MARKS).join(' ') }]);
    const request = { kind: 'documentation', input: { projectId, layers: ['summary'] }, options };
    const { id } = await bursar.client.post<{ id: string }>('/runs', request);
    runs.push(id);
    await bursar.client.untilEnded(id, 60_000);
  }
  await provider.setFaults([]);
  const { id: memory } = await bursar.client.post<{ id: string }>('/memories', { textContent: MARKS.memory });
  for (let look = 0; look < 100; look += 1) {
    const { state } = await bursar.client.get<{ state: string }>(`/memories/${memory}`);
    if (state === 'done') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return runs;
}

async function histories(): Promise<string> {
  const connection = await Connection.connect({ address: bursar.environment.TEMPORAL_ADDRESS ?? '' });
  const client = new Client({ connection });
  const texts: string[] = [];
  try {
    for await (const { workflowId, runId, taskQueue } of client.workflow.list()) {
      if (taskQueue !== bursar.name) continue;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      texts.push(JSON.stringify(history));
      // Payloads are base64 in there: read them too.
      for (const [, data = ''] of JSON.stringify(history).matchAll(/"data":"([A-Za-z0-9+/=]+)"/g))
        texts.push(Buffer.from(data, 'base64').toString('utf8'));
      const payloads = JSON.stringify(history, (_key, value) =>
        value?.type === 'Buffer' ? Buffer.from(value.data).toString('utf8') : value,
      );
      texts.push(payloads);
    }
  } finally {
    await connection.close();
  }
  expect(texts.length).toBeGreaterThan(5);
  return texts.join('\n');
}

const found = (text: string) => WORDS.filter((word) => text.includes(word));

test('no key, prompt, document or answer is in histories, logs, errors, telemetry, metrics', async () => {
  const runs = await carryOut();
  expect(found(await histories())).toEqual([]);
  expect(found(bursar.logFiles.map((file) => readFileSync(file, 'utf8')).join('\n'))).toEqual([]);
  const paths = [
    ...runs.flatMap((id) => [`/runs/${id}`, `/runs/${id}/errors`, `/runs/${id}/items`, `/runs/${id}/logs`]),
    '/runs',
    '/telemetry/errors',
    '/telemetry/export',
    '/telemetry/steps',
    '/costs/entries?limit=100',
    '/audit',
    '/people',
    '/invitations',
    '/keys',
    '/providers',
    '/holds',
    '/admin/ai-cost-tracking',
    '/openapi.json',
  ];
  for (const path of paths) {
    const url = `${bursar.client.url}/api/v1${path}`;
    const text = await (await fetch(url, { headers: { 'x-api-key': bursar.client.key } })).text();
    expect([path, found(text)]).toEqual([path, []]);
  }
  expect(found(await (await fetch(`${bursar.client.url}/metrics`)).text())).toEqual([]);
  const wrong = await bursar.client.send('POST', '/auth/login', { email: 1, password: [MARKS.password] });
  expect(found(JSON.stringify(wrong.body))).toEqual([]);
  for (const body of [{ kind: 'documentation', input: { projectId: MARKS.code } }, { textContent: 5 }]) {
    const { body: answer } = await bursar.client.send('POST', '/memories', body);
    expect(found(JSON.stringify(answer))).toEqual([]);
  }
}, 120_000);

test('they are where they belong, so that the search above could have found them', async () => {
  const { memories } = await bursar.client.get<{ memories: { textContent: string }[] }>('/memories');
  expect(found(JSON.stringify(memories))).toEqual(['MARKEDMEMORY']);
  const { runs } = await bursar.client.get<{ runs: { id: string }[] }>('/runs?kind=intelligence');
  const url = `${bursar.client.url}/api/v1/intelligence/reports/${runs[0]?.id}`;
  const report = await (await fetch(url, { headers: { 'x-api-key': bursar.client.key } })).text();
  expect(found(report)).toEqual(['MARKEDANSWER']);
});
