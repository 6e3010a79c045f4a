import { Agent, request } from 'node:http';

/** Requests at a fixed rate over a fixed number of connections. */
export interface HttpLoad {
  url: string;
  key: string;
  body: string;
  connections: number;
  perSecond: number;
  seconds: number;
}

/** How long each took, in milliseconds, from the moment when it was due if its connection was still busy. */
export interface HttpTimes {
  times: number[];
  failed: number;
}

async function load(options: HttpLoad): Promise<HttpTimes> {
  const { connections, perSecond, seconds } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const result: HttpTimes = { times: [], failed: 0 };
  const everyMs = (1000 * connections) / perSecond;
  const startAt = performance.now() + 50;
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      for (let dueAt = startAt + (index * everyMs) / connections; ; dueAt += everyMs) {
        if (dueAt > startAt + seconds * 1000) return;
        const early = dueAt - performance.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        const since = early > 0 ? performance.now() : dueAt;
        if ((await send(options, agent)) !== 200) result.failed += 1;
        result.times.push(performance.now() - since);
      }
    }),
  );
  agent.destroy();
  return result;
}

function send({ url, key, body }: HttpLoad, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-api-key': key, 'content-type': 'application/json', 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

process.on('message', (options: HttpLoad) => {
  void load(options).then((times) => process.send?.(times));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
