import type { ApiRun } from '../../api/run-schemas.ts';
import type { Bursar } from '../support/bursar.ts';

export interface ReceivedEvent {
  event: string;
  id: number;
  data: ApiRun & { state: string; at?: string };
}

/** Reads the events of a run until the stream ends, or until one is as wanted. */
export async function eventsOf(
  bursar: Bursar,
  run: string,
  options: { lastEventId?: number; enough?: (event: ReceivedEvent) => boolean; signal?: AbortSignal } = {},
): Promise<{ events: ReceivedEvent[]; ended: boolean }> {
  const response = await fetch(`${bursar.client.url}/api/v1/runs/${run}/events`, {
    signal: options.signal ?? null,
    headers: {
      'x-api-key': bursar.key,
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': String(options.lastEventId) }),
    },
  });
  if (response.status !== 200 || response.body === null) throw new Error(`status ${response.status}`);
  const events: ReceivedEvent[] = [];
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    const blocks = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parse(block);
      if (event === undefined) continue;
      events.push(event);
      // Leaving the loop closes the connection.
      if (options.enough?.(event)) return { events, ended: false };
    }
  }
  return { events, ended: true };
}

function parse(block: string): ReceivedEvent | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const event = field('event');
  if (event === undefined) return undefined;
  return { event, id: Number(field('id')), data: JSON.parse(field('data') ?? '') };
}
