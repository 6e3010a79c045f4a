import { fingerprintOf } from '../../domain/fingerprint.ts';
import type { OpenStore } from './second-organization.ts';

/** Failed items, log rows and documents of the run, as a worker would have left them. */
export async function fillRun(
  { store }: OpenStore,
  run: string,
  project: string,
  objects: number,
): Promise<void> {
  const names = Array.from({ length: objects }, (_, seq) => `model_${String(seq).padStart(6, '0')}`);
  const plan = names.map((name) => ({ key: `model.big.${name}`, name, parents: [], maybeReused: false }));
  await store.runItems.insertPlan('default', run, plan);
  const spent = { inputTokens: 1, outputTokens: 1, calls: 1, costNanoUsd: 1, durationMs: 1 };
  for (const [seq, name] of names.entries()) {
    const message = `the answer names "${name}"`;
    const failure = { code: 'llm_refused', message, fingerprint: fingerprintOf('llm_refused', message) };
    await store.runItems.end('default', run, seq, { ...spent, state: 'failed', failure }, new Date());
    const usage = { promptTokens: 1, completionTokens: 1, cachedTokens: 0, reasoningTokens: 0, calls: 1 };
    const row = { org: 'default', run, seq, object: name, layer: 'summary', model: 'm', ...usage };
    await store.generationLogs.store({
      ...row,
      status: 'done',
      durationMs: 1,
      costNanoUsd: 1,
      at: new Date(),
    });
    const content = { text: { summary: name } };
    const document = { id: `${run}:${seq}`, project, object: `model.big.${name}`, name, content };
    const rest = { inputHash: 'x', drift: [], run, model: 'm', createdAt: new Date() };
    await store.documents.propose('default', undefined, () => ({ ...document, ...rest }));
  }
  const counters = await store.runItems.count('default', run);
  await store.runs.setCounters('default', run, counters);
}
