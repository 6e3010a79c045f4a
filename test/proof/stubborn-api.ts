import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, createClient } from '../support/bursar.ts';

/** An API that may be killed, and is asked again until it answers. */
export function apiOf(bursar: Bursar) {
  const client = () => createClient(String(bursar.apis[0]?.ready.url), bursar.key);
  async function insist<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { 'Idempotency-Key': `${path}:${Math.random()}` };
    for (const deadline = Date.now() + 120_000; ; await sleep(200)) {
      try {
        const { status, body: answer } = await client().send<T>(method, path, body, headers);
        if (status < 300) return answer;
        if (status < 500 || Date.now() > deadline)
          throw new Error(`status ${status}: ${JSON.stringify(answer)}`);
      } catch (error) {
        if (!(error instanceof TypeError) || Date.now() > deadline) throw error;
      }
    }
  }
  return {
    insist,
    async kill(): Promise<void> {
      await bursar.apis.pop()?.kill();
      bursar.apis.push(await bursar.startApi());
    },
    async untilEnded(id: string, limitMs: number): Promise<ApiRun> {
      const ended = ['completed', 'completed_with_errors', 'failed', 'cancelled', 'rejected'];
      for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(200)) {
        const run = await insist<ApiRun>('GET', `/runs/${id}`);
        if (ended.includes(run.state)) return run;
      }
      throw new Error('the run has not ended in time');
    },
  };
}

export type Api = ReturnType<typeof apiOf>;
