import { z } from '@hono/zod-openapi';
import type { TelemetrySpan } from '../store/telemetry.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
const MOST_DAYS = 92;

const spanShape = {
  start: z.iso.datetime({ offset: true }).optional(),
  end: z.iso.datetime({ offset: true }).optional(),
  model: z.string().min(1).max(300).optional(),
};

/** At most 92 days; the last seven where nothing is said. */
export function spanQuery<More extends z.ZodRawShape>(more: More) {
  return z.strictObject({ ...spanShape, ...more }).superRefine((query, context) => {
    const { start, end } = spanOf(query as z.infer<z.ZodObject<typeof spanShape>>);
    const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['end'], message });
    if (end <= start) wrong('must lie behind start');
    else if (end.getTime() - start.getTime() > MOST_DAYS * DAY_MS)
      wrong(`must be at most ${MOST_DAYS} days after start`);
  });
}

/** The time that a query asks for. */
export function spanOf(query: {
  start?: string | undefined;
  end?: string | undefined;
  model?: string | undefined;
}): TelemetrySpan {
  const end = query.end === undefined ? new Date() : new Date(query.end);
  const start =
    query.start === undefined ? new Date(end.getTime() - USUAL_DAYS * DAY_MS) : new Date(query.start);
  return { start, end, ...(query.model !== undefined && { model: query.model }) };
}
