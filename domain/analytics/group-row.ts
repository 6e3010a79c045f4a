import { type ExportedField, numberField, textField, usdField } from '../exported-field.ts';
import type { Dimension } from './dimension.ts';
import type { CostGroup } from './grouping.ts';

/** The columns of an export of analytics: a row for each group of each dimension. */
export const GROUP_COLUMNS = [
  'dimension',
  'name',
  'start_date',
  'end_date',
  'job_count',
  'total_cost_usd',
  'share',
  'average_cost_usd',
  'previous_cost_usd',
  'change_percent',
] as const;

/** A group by one dimension as a row. */
export function toGroupRow(
  dimension: Dimension,
  group: CostGroup,
): Record<(typeof GROUP_COLUMNS)[number], ExportedField> {
  return {
    dimension: textField(dimension),
    name: textField(group.names[dimension]),
    start_date: textField(group.days.start),
    end_date: textField(group.days.end),
    job_count: numberField(group.count),
    total_cost_usd: usdField(group.costNanoUsd),
    share: numberField(group.share),
    average_cost_usd: usdField(Math.round(group.averageNanoUsd)),
    previous_cost_usd: usdField(group.previousNanoUsd),
    change_percent: numberField(group.changePercent),
  };
}
