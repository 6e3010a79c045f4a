import { readFile } from 'node:fs/promises';
import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { type FileRow, ingestJobs } from '../domain/jobs/ingest.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, invalidRequest, jsonAnswer, router } from './http.ts';
import { problemsSchema } from './jobs.ts';

const count = z.number().int();
const fileSchema = z.object({
  teams: z.array(
    z.strictObject({
      name: z.string().min(1).max(200),
      description: z.string().max(1_000).optional(),
      budget_usd: z.number().min(0).max(9_000_000).optional(),
    }),
  ),
  jobs: z.array(z.record(z.string(), z.unknown())),
});

const ingest = createRoute({
  method: 'post',
  path: '/admin/ingest/jobs/mock',
  tags: ['Jobs'],
  summary: 'Bring in the sample jobs of this installation, to look around; again changes nothing',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(
      z
        .object({
          status: z.literal('success'),
          message: z.string(),
          result: z.object({
            teams: z.object({ created: count, existing: count, total: count }),
            jobs: z.object({
              inserted: count,
              updated: count,
              unchanged: count,
              failed: count,
              total: count,
            }),
            errors: problemsSchema,
          }),
        })
        .openapi('IngestedMockJobs'),
      'What became of the teams and jobs.',
    ),
    ...errors(403, 404),
  },
});

/** The sample jobs. */
export function mockJobRoutes(deps: ApiDeps) {
  return router().openapi(ingest, async (c) => {
    const { org } = c.var.principal;
    const sample = await readSample(deps.mockJobsFile);
    const named = sample.teams.map(({ name, description, budget_usd: budgetUsd }) =>
      given({ _id: deps.store.teams.idOf(org, name), name, description, budgetUsd }),
    );
    const teams = await deps.store.teams.ensure(org, named);
    const mapping = { columns: new Map(), constants: new Map() };
    const answer = await ingestJobs(deps, org, rowsOf(sample.jobs), mapping);
    const { inserted, updated, unchanged, failed, errors: problems } = answer;
    const total = sample.jobs.length;
    const counts = `${inserted} inserted, ${updated} updated, ${unchanged} unchanged, ${failed} failed`;
    const message = `${total} jobs of ${named.length} teams: ${counts}`;
    return c.json(
      {
        status: 'success' as const,
        message,
        result: {
          teams: { ...teams, total: named.length },
          jobs: { inserted, updated, unchanged, failed, total },
          errors: problems,
        },
      },
      200,
    );
  });
}

async function* rowsOf(jobs: Record<string, unknown>[]): AsyncGenerator<FileRow> {
  for (const [at, row] of jobs.entries()) yield { line: at + 1, row };
}

async function readSample(path: string): Promise<z.infer<typeof fileSchema>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('not_found', 'the file of sample jobs is missing from this installation', { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidInput('the file of sample jobs is no JSON');
  }
  const read = fileSchema.safeParse(value);
  if (!read.success) throw invalidRequest(read.error);
  return read.data;
}
