import { createRoute, z } from '@hono/zod-openapi';
import { toUsd } from '../domain/money.ts';
import type { LedgerDifference } from '../store/ledger-check.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errorsWithoutInput, jsonAnswer, router } from './http.ts';

const check = createRoute({
  method: 'get',
  path: '/ledger/check',
  tags: ['Costs'],
  summary: 'Compute every counter anew from entries and holds, and tell each difference',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(
      z
        .object({
          differences: z.array(
            z.object({
              kind: z.string(),
              id: z.string().openapi({ description: 'Budget period, row of daily costs, or entry.' }),
              unit: z.enum(['usd', 'count']),
              stored: z.number(),
              computed: z.number(),
            }),
          ),
          periods: z.number().int(),
          holds: z.number().int(),
          entries: z.number().int(),
          days: z.number().int(),
          unposted: z.number().int().openapi({ description: 'Not counted yet, which is no difference.' }),
          spentUsd: z.number(),
        })
        .openapi('LedgerCheck'),
      'What was looked at, and what is not as it should be.',
    ),
    ...errorsWithoutInput(403),
  },
});

export function ledgerRoutes(deps: ApiDeps) {
  return router().openapi(check, async (c) => {
    await deps.store.fold();
    const {
      org: _org,
      spentNanoUsd,
      differences,
      ...counts
    } = await deps.store.checkLedger(c.var.principal.org);
    const shown = differences.map(toApiDifference);
    return c.json({ differences: shown, ...counts, spentUsd: toUsd(spentNanoUsd) }, 200);
  });
}

function toApiDifference({ kind, id, stored, computed }: LedgerDifference) {
  if (kind === 'daily_count') return { kind, id, unit: 'count' as const, stored, computed };
  return { kind, id, unit: 'usd' as const, stored: toUsd(stored), computed: toUsd(computed) };
}
