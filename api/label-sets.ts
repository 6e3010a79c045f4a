import { createRoute, z } from '@hono/zod-openapi';
import { DEFAULT_LABELS } from '../domain/default-labels.ts';
import { AppError } from '../domain/errors.ts';
import { type LabelSet, UNKNOWN_LABEL } from '../domain/memory.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, jsonBody, router } from './http.ts';

const tags = ['Memories'];

const label = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}_ ?!/-]{0,99}$/u, 'must be a short name of letters and digits')
    .refine((name) => name !== UNKNOWN_LABEL, `must not be "${UNKNOWN_LABEL}", which is always there`),
  description: z.string().trim().max(500).default(''),
  examples: z.array(z.string().trim().min(1).max(1_000)).max(100).default([]),
});

const newLabelSetSchema = z
  .strictObject({
    labels: z
      .array(label)
      .min(1)
      .max(200)
      .refine(
        (labels) => new Set(labels.map(({ name }) => name)).size === labels.length,
        'holds a name twice',
      ),
  })
  .openapi('NewLabelSet');

const labelSetSchema = z
  .object({
    version: z.number().int().openapi({ description: '0: the labels that come with Bursar.' }),
    labels: z.array(z.object({ name: z.string(), description: z.string(), examples: z.array(z.string()) })),
  })
  .openapi('LabelSet');

const post = createRoute({
  method: 'post',
  path: '/label-sets',
  tags,
  summary: 'Set the labels of memories from now on, as a new version; what is labelled stays as it is',
  middleware: requires('admin'),
  request: jsonBody(newLabelSetSchema),
  responses: { 201: jsonAnswer(labelSetSchema, 'The new version.'), ...errors(403) },
});

const get = createRoute({
  method: 'get',
  path: '/label-sets/{version}',
  tags,
  summary: 'Show a version of the labels, or the newest as `current`',
  request: {
    params: z.object({ version: z.string().regex(/^(current|\d{1,9})$/, 'must be a number or `current`') }),
  },
  responses: { 200: jsonAnswer(labelSetSchema, 'The labels.'), ...errors(404) },
});

/** What memories are told apart by. */
export function labelSetRoutes(deps: ApiDeps) {
  return router()
    .openapi(post, async (c) => {
      const { org, id } = c.var.principal;
      const set = await deps.store.labelSets.add(org, c.req.valid('json').labels, id, new Date());
      return c.json(set, 201);
    })
    .openapi(get, async (c) => {
      const { org } = c.var.principal;
      const { version } = c.req.valid('param');
      if (version === 'current') return c.json(await labelSetOf(deps, org), 200);
      const set =
        Number(version) === 0 ? DEFAULT_LABELS : await deps.store.labelSets.find(org, Number(version));
      if (set === undefined) throw new AppError('not_found', `there is no version ${version} of the labels`);
      return c.json(set, 200);
    });
}

export async function labelSetOf(deps: ApiDeps, org: string): Promise<LabelSet> {
  return (await deps.store.labelSets.newest(org)) ?? DEFAULT_LABELS;
}
