import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { MEMORY_STATES, type Memory, UNKNOWN_LABEL } from '../domain/memory.ts';
import type { Principal } from '../domain/principal.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { idOf, keyTaken, sha256 } from './idempotency.ts';
import { labelSetOf } from './label-sets.ts';
import { searchMemories } from './memory-search.ts';
import { memorySchema, newMemorySchema, toApiMemory } from './memory-view.ts';
import { idempotencyHeader } from './runs.ts';
import { wakeStandingRun } from './standing-run.ts';

const tags = ['Memories'];
const name = z.string().min(1).max(100).optional();

const post = createRoute({
  method: 'post',
  path: '/memories',
  tags,
  summary: 'Add a memory, which is classified and embedded soon',
  middleware: requires('operator'),
  request: { ...jsonBody(newMemorySchema), headers: idempotencyHeader },
  responses: {
    202: jsonAnswer(memorySchema, 'The memory; the same one again for the same Idempotency-Key.'),
    ...errors(403, 409),
  },
});

const list = createRoute({
  method: 'get',
  path: '/memories',
  tags,
  summary: 'List memories, the newest first',
  request: {
    query: pageQuery.extend({ user: name, label: name, state: z.enum(MEMORY_STATES).optional() }),
  },
  responses: {
    200: jsonAnswer(z.object({ memories: z.array(memorySchema), ...pageFields }), 'A page of memories.'),
    ...errors(),
  },
});

const search = createRoute({
  method: 'get',
  path: '/memories/search',
  tags,
  summary: 'The memories whose meaning is closest to a text; paid like any call of the embedding model',
  middleware: requires('operator'),
  request: {
    query: z.strictObject({
      q: z.string().trim().min(1).max(2_000),
      user: name,
      limit: z.coerce.number().int().min(1).max(100).default(10),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.object({ results: z.array(memorySchema.extend({ similarity: z.number() })) }),
      'The closest first.',
    ),
    ...errors(403, 409, 429, 502),
  },
});

const get = createRoute({
  method: 'get',
  path: '/memories/{id}',
  tags,
  summary: 'Show a memory',
  request: { params: idParam },
  responses: { 200: jsonAnswer(memorySchema, 'The memory.'), ...errors(404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/memories/{id}',
  tags,
  summary: 'Correct the label of a memory; it stays, whatever a model finds later',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(z.strictObject({ label: z.string().min(1).max(100) })) },
  responses: { 200: jsonAnswer(memorySchema, 'The memory after it.'), ...errors(403, 404) },
});

const remove = createRoute({
  method: 'delete',
  path: '/memories/{id}',
  tags,
  summary: 'Forget a memory with its vector',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { 204: { description: 'Forgotten.' }, ...errors(403, 404) },
});

/** Memories: posted here, enriched by the standing run of the organization. */
export function memoryRoutes(deps: ApiDeps) {
  const { memories, embeddings } = deps.store;
  return router()
    .openapi(post, async (c) => {
      const key = c.req.valid('header')['idempotency-key'];
      const memory = await addMemory(deps, c.var.principal, c.req.valid('json'), key);
      c.header('Location', `/api/v1/memories/${memory.id}`);
      return c.json(toApiMemory(memory), 202);
    })
    .openapi(list, async (c) => {
      const { user, label, state, ...query } = c.req.valid('query');
      const of = { ...(user && { user }), ...(label && { label }), ...(state && { state }) };
      const page = await memories.list(c.var.principal.org, of, pageRequest(query));
      return c.json({ memories: page.rows.map(toApiMemory), ...toPageFields(page) }, 200);
    })
    .openapi(search, async (c) => {
      const { q: text, user, limit } = c.req.valid('query');
      const found = await searchMemories(deps, c.var.principal, { text, limit, ...(user && { user }) });
      const results = found.map(({ memory, similarity }) => ({ ...toApiMemory(memory), similarity }));
      return c.json({ results }, 200);
    })
    .openapi(get, async (c) => {
      const memory = await findMemory(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(toApiMemory(memory), 200);
    })
    .openapi(patch, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      const { label } = c.req.valid('json');
      await findMemory(deps, org, id);
      const { labels } = await labelSetOf(deps, org);
      const known = [...labels.map((each) => each.name), UNKNOWN_LABEL];
      if (!known.includes(label)) {
        const problem = `must be one of ${known.join(', ')}`;
        throw invalidInput(`label ${problem}`, [{ field: 'label', problem }]);
      }
      await memories.relabel(org, id, label);
      return c.json(toApiMemory(await findMemory(deps, org, id)), 200);
    })
    .openapi(remove, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      await embeddings.remove(org, id);
      if (!(await memories.remove(org, id))) throw new AppError('not_found', `there is no memory ${id}`);
      return c.body(null, 204);
    });
}

async function findMemory(deps: ApiDeps, org: string, id: string): Promise<Memory> {
  const memory = await deps.store.memories.find(org, id);
  if (memory === undefined) throw new AppError('not_found', `there is no memory ${id}`);
  return memory;
}

/** @throws AppError `conflict` where the key came with another request before. */
async function addMemory(
  deps: ApiDeps,
  principal: Principal,
  asked: z.infer<typeof newMemorySchema>,
  key: string | undefined,
): Promise<Memory> {
  const { textContent: text, type, user = principal.id } = asked;
  const memory: Memory = {
    id: idOf('mem', principal.org, key),
    user,
    text,
    type,
    hash: sha256(text),
    state: 'pending',
    createdAt: new Date(),
  };
  const requestHash = sha256(JSON.stringify([text, type, user]));
  const stored = await deps.store.memories.add(principal.org, memory, requestHash);
  if (stored.requestHash !== requestHash) throw keyTaken(`memory ${memory.id}`);
  if (stored.memory.state === 'pending') wakeStandingRun(deps, principal);
  return stored.memory;
}
