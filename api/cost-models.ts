import { createRoute, z } from '@hono/zod-openapi';
import { type CostModel, isComponentName } from '../domain/costing/cost-model.ts';
import { AppError } from '../domain/errors.ts';
import type { Applied } from '../store/cost-models.ts';
import { requires } from './auth.ts';
import { costModelSchema, toApiCostModel, weightsShape } from './cost-model-view.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { byName, usdAmount } from './job-metrics.ts';

const tags = ['Costs'];
const MAX_MULTIPLIER = 1_000_000;
const multiplier = z.number().min(0).max(MAX_MULTIPLIER);

const components = byName(usdAmount).superRefine((all, context) => {
  const message =
    'must be a word in camelCase of at most 40 letters and digits that names no other component';
  for (const name of Object.keys(all))
    if (!isComponentName(name)) context.addIssue({ code: 'custom', path: [name], message });
});
const environments = byName(multiplier).superRefine((all, context) => {
  const message = 'must begin with a letter and have at most 40 letters, digits, hyphens and underscores';
  for (const name of Object.keys(all))
    if (!/^[A-Za-z][\w-]{0,39}$/.test(name)) context.addIssue({ code: 'custom', path: [name], message });
});

const proposalSchema = z
  .strictObject({
    weights: z.strictObject(weightsShape).partial().optional(),
    components: components.optional(),
    environments: environments.optional(),
    defaultMultiplier: multiplier.optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'name what should change')
  .openapi('NewCostModel');

const list = createRoute({
  method: 'get',
  path: '/cost-models',
  tags,
  summary: 'List the versions of the cost model, the newest first',
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ costModels: z.array(costModelSchema), ...pageFields }), 'A page of versions.'),
    ...errors(),
  },
});

const propose = createRoute({
  method: 'post',
  path: '/cost-models',
  tags,
  summary: 'Propose a version; weights that are left out, and parts that are, stay as they are applied now',
  middleware: requires('admin'),
  request: jsonBody(proposalSchema),
  responses: { 201: jsonAnswer(costModelSchema, 'The proposal.'), ...errors(403) },
});

const apply = createRoute({
  method: 'post',
  path: '/cost-models/{version}/apply',
  tags,
  summary: 'Apply a proposed version from now on; what is posted already stays',
  middleware: requires('admin'),
  request: { params: z.object({ version: z.coerce.number().int().min(1).max(1_000_000_000) }) },
  responses: { 200: jsonAnswer(costModelSchema, 'The version, now applied.'), ...errors(403, 404, 409) },
});

/** Versions of the organization's cost model: proposed by anybody who may, applied by an admin. */
export function costModelRoutes(deps: ApiDeps) {
  const { costModels } = deps.store;
  return router()
    .openapi(list, async (c) => {
      const page = await costModels.list(c.var.principal.org, pageRequest(c.req.valid('query')));
      return c.json({ costModels: page.rows.map(toApiCostModel), ...toPageFields(page) }, 200);
    })
    .openapi(propose, async (c) => {
      const { org, id } = c.var.principal;
      const proposal = changed(await costModels.current(org), c.req.valid('json'));
      return c.json(toApiCostModel(await costModels.propose(org, proposal, id)), 201);
    })
    .openapi(apply, async (c) => {
      const { org, id } = c.var.principal;
      const { version } = c.req.valid('param');
      const applied = await costModels.apply(org, version, id);
      if (applied.outcome !== 'applied') throw refusal(version, applied.outcome);
      return c.json(toApiCostModel(applied.version), 200);
    });
}

function changed(current: CostModel, body: z.infer<typeof proposalSchema>): Omit<CostModel, 'version'> {
  return {
    weights: { ...current.weights, ...body.weights } as CostModel['weights'],
    components: body.components ?? current.components,
    environments: body.environments ?? current.environments,
    defaultMultiplier: body.defaultMultiplier ?? current.defaultMultiplier,
  };
}

function refusal(version: number, outcome: Exclude<Applied['outcome'], 'applied'>): AppError {
  if (outcome === 'missing') return new AppError('not_found', `there is no version ${version}`);
  if (outcome === 'superseded')
    return new AppError(
      'conflict',
      `version ${version} was superseded; propose its weights as a new version`,
    );
  return new AppError('conflict', 'another version was applied at the same time; look, and apply again');
}
