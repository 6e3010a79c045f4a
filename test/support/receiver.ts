import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
type Reply = (response: ServerResponse, request: Received) => void;

/** A server of somebody who is told things: it keeps what comes, and answers as it is told to. */
export async function startReceiver() {
  const received: Received[] = [];
  let reply: Reply = (response) => response.end('ok');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const one = { path: request.url ?? '', headers: request.headers, body };
      received.push(one);
      reply(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port');
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    received,
    /** How it answers from now on. */
    answer(next: Reply): void {
      reply = next;
    },
    /** Answers with a status, headers and a body. */
    status(status: number, headers: Record<string, string> = {}, body = ''): void {
      reply = (response) => response.writeHead(status, headers).end(body);
    },
    stop(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
