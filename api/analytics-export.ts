import { createRoute, z } from '@hono/zod-openapi';
import { DIMENSIONS, type Dimension, isTimeDimension } from '../domain/analytics/dimension.ts';
import { GROUP_COLUMNS, toGroupRow } from '../domain/analytics/group-row.ts';
import type { CostGroup } from '../domain/analytics/grouping.ts';
import { csvLine, jsonLine, textField } from '../domain/exported-field.ts';
import { daysInOrder, daysShape } from './cost-view.ts';
import type { ApiDeps } from './deps.ts';
import { EXPORT_TYPES } from './export-formats.ts';
import { errors, router } from './http.ts';
import { streamOf } from './stream-of.ts';
import {
  numberCell,
  type Sheet,
  tableSheet,
  textCell,
  usdCell,
  wholeCell,
  workbookFile,
} from './workbook.ts';

const FORMATS = ['csv', 'jsonl', 'xlsx'] as const;
/** A workbook is made in one go. */
const MAX_SHEET_GROUPS = 1_000;
const NOT_SAID = '(none)';

const get = createRoute({
  method: 'get',
  path: '/analytics/export',
  tags: ['Analytics'],
  summary: 'What jobs have cost by each dimension: one table, or a workbook with a sheet for each',
  description: 'From the roll-ups, as the routes by one dimension answer it.',
  request: {
    query: z.strictObject({ format: z.enum(FORMATS).default('csv'), ...daysShape }).superRefine(daysInOrder),
  },
  responses: {
    200: {
      description: 'The file.',
      headers: z.object({
        'X-Days-Behind': z
          .string()
          .optional()
          .openapi({ description: 'How many days have jobs that are not counted yet.' }),
      }),
      content: {
        [EXPORT_TYPES.csv]: { schema: z.string() },
        [EXPORT_TYPES.jsonl]: { schema: z.string() },
        [EXPORT_TYPES.xlsx]: { schema: z.string() },
      },
    },
    ...errors(),
  },
});

/** Analytics to take away. */
export function analyticsExportRoutes(deps: ApiDeps) {
  return router().openapi(get, async (c) => {
    const { org } = c.var.principal;
    const { format, start, end } = c.req.valid('query');
    const found: { by: Dimension; groups: CostGroup[] }[] = [];
    let daysBehind = 0;
    for (const by of DIMENSIONS) {
      const analysis = await deps.store.analyzeJobs(org, start, end, [by]);
      found.push({ by, groups: analysis.groups });
      daysBehind = Math.max(daysBehind, analysis.daysBehind);
    }
    if (daysBehind > 0) c.header('X-Days-Behind', String(daysBehind));
    const lines = format === 'xlsx' ? workbookOf(found) : linesOf(found, format);
    return c.body(await streamOf(c, deps.logger, lines), 200, {
      'content-type': EXPORT_TYPES[format],
      'content-disposition': `attachment; filename="analytics-${start}-to-${end}.${format}"`,
    }) as never;
  });
}

type Found = readonly { by: Dimension; groups: readonly CostGroup[] }[];

async function* linesOf(found: Found, format: 'csv' | 'jsonl'): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(GROUP_COLUMNS.map(textField));
  for (const { by, groups } of found)
    for (const group of inOrder(by, groups)) {
      const row = toGroupRow(by, group);
      yield format === 'csv' ? csvLine(GROUP_COLUMNS.map((column) => row[column])) : jsonLine(row);
    }
}

async function* workbookOf(found: Found): AsyncGenerator<Uint8Array> {
  yield await workbookFile(found.map(({ by, groups }) => sheetOf(by, inOrder(by, groups))));
}

/** Times one after another; the others as they are, the dearest first. */
function inOrder(by: Dimension, groups: readonly CostGroup[]): readonly CostGroup[] {
  if (!isTimeDimension(by)) return groups;
  return groups.toSorted((a, b) => (a.days.start < b.days.start ? -1 : 1));
}

function sheetOf(by: Dimension, groups: readonly CostGroup[]): Sheet {
  const name = by.replace('gpu_type', 'GPU type');
  const head = [name, 'Jobs', 'Cost, USD', 'Share', 'Average, USD', 'Before, USD', 'Change'];
  const rows = groups
    .slice(0, MAX_SHEET_GROUPS)
    .map((group) => [
      textCell(group.names[by] ?? NOT_SAID),
      wholeCell(group.count),
      usdCell(group.costNanoUsd),
      numberCell(group.share, '0.0%'),
      usdCell(group.averageNanoUsd),
      usdCell(group.previousNanoUsd),
      numberCell(group.changePercent === null ? undefined : group.changePercent / 100, '+0.0%;-0.0%;0.0%'),
    ]);
  const note =
    groups.length > rows.length ? `The first ${rows.length} of ${groups.length}; CSV has all.` : undefined;
  return tableSheet(`By ${name}`, head, [28, 12, 18, 10, 18, 18, 12], rows, note);
}
