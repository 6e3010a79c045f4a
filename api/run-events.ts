import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { isEnded } from '../domain/run.ts';
import type { Run, StateChange } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { errors, idParam, router } from './http.ts';
import { findRun } from './run-control.ts';
import { toApiRun } from './run-view.ts';

/** How often a stream looks for changes; a change is seen at most this much later. */
const LOOK_EVERY_MS = 500;
/** A comment now and then, so that no proxy takes a quiet stream for a dead one. */
const KEEP_ALIVE_MS = 15_000;

const get = createRoute({
  method: 'get',
  path: '/runs/{id}/events',
  tags: ['Runs'],
  summary: 'Progress and changes of state as server-sent events',
  request: {
    params: idParam,
    headers: z.object({ 'last-event-id': z.coerce.number().int().min(0).optional() }),
  },
  responses: {
    200: {
      description: 'Events state, progress, job-completed and job-failed, whose ids count up.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...errors(404),
  },
});

interface Event {
  event: string;
  data: string;
  id: string;
}

/** The live progress of a run, for browsers and command lines. */
export function runEventRoutes(deps: ApiDeps) {
  return router().openapi(get, async (c) => {
    const { org } = c.var.principal;
    const run = await findRun(deps, org, c.req.valid('param').id);
    // An id that this run has never had (a lost database) must not silence the stream.
    const after = Math.min(c.req.valid('header')['last-event-id'] ?? -1, run.version);
    return streamSSE(c, async (stream) => {
      let seen = after;
      let quietMs = 0;
      for (let now: Run | undefined = run; now !== undefined && !stream.aborted; ) {
        for (const event of await eventsSince(deps, now, seen)) {
          await stream.writeSSE(event);
          quietMs = 0;
        }
        seen = Math.max(seen, now.version);
        if (isEnded(now.state)) return;
        await stream.sleep(LOOK_EVERY_MS);
        quietMs += LOOK_EVERY_MS;
        if (quietMs >= KEEP_ALIVE_MS) {
          await stream.write(': still here\n\n');
          quietMs = 0;
        }
        now = await deps.store.runs.find(org, run._id);
      }
    }) as never;
  });
}

/** What happened behind a version: each change of state, then the progress as it is now. */
async function eventsSince(deps: ApiDeps, run: Run, seen: number): Promise<Event[]> {
  if (run.version <= seen) return isEnded(run.state) ? [await lastEvent(deps, run)] : [];
  const states = run.history.filter((change) => change.version > seen).map(stateEvent);
  const id = String(run.version);
  const progress = { event: 'progress', data: JSON.stringify(await toApiRun(deps, run)), id };
  return isEnded(run.state) ? [...states, progress, await lastEvent(deps, run)] : [...states, progress];
}

function stateEvent(change: StateChange): Event {
  const { version, at, ...state } = change;
  return {
    event: 'state',
    data: JSON.stringify({ ...state, at: new Date(at).toISOString() }),
    id: String(version),
  };
}

async function lastEvent(deps: ApiDeps, run: Run): Promise<Event> {
  const good = run.state === 'completed' || run.state === 'completed_with_errors';
  const event = good ? 'job-completed' : 'job-failed';
  return { event, data: JSON.stringify(await toApiRun(deps, run)), id: String(run.version) };
}
