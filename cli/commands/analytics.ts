import type { ApiCostGroup } from '../../api/analytics-view.ts';
import type { Dimension } from '../../domain/analytics/dimension.ts';
import { invalidInput } from '../../domain/errors.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { percent, plural, usd, wholeNumber } from '../show/format.ts';
import { type TableColumn, tableLines } from '../show/table.ts';
import { type CostOptions, spanOf } from './costs.ts';

export type AnalyticsOptions = Pick<CostOptions, 'start' | 'end'> & {
  by: Dimension;
  and?: Dimension;
  limit: number;
};

/** `bursar analytics` */
export async function showAnalytics(context: CommandContext, options: AnalyticsOptions): Promise<number> {
  const { output } = context;
  const { by, and, limit } = options;
  if (by === and) {
    const problem = `must be another one than --by, which is ${by}`;
    throw invalidInput(`--and ${problem}`, [{ field: '--and', problem }]);
  }
  const span = spanOf(options);
  return withSession(context, { temporal: false, command: 'analytics' }, async ({ client }) => {
    const { groups, daysBehind } = await client.analytics({ ...span, by, ...(and && { and }) });
    output.result({ ...span, by, ...(and && { and }), groups, daysBehind });
    if (groups.length === 0) {
      output.line(`No jobs from ${span.start} to ${span.end}. Name other days with --start and --end.`);
      return EXIT.done;
    }
    const named = and === undefined ? [by] : [by, and];
    const rows = groups.slice(0, limit).map((group) => cellsOf(group, named));
    const columns = [...named.map((title) => ({ title: title.replace('_', ' ') })), ...FIGURES];
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    if (groups.length > limit) output.note(`${limit} of ${wholeNumber(groups.length)}; more with --limit`);
    if (daysBehind > 0)
      output.note(`${plural(daysBehind, 'day')} of jobs are not counted yet; ask again in a moment`);
    return EXIT.done;
  });
}

const FIGURES: TableColumn[] = ['jobs', 'cost', 'share', 'average', 'before', 'change'].map((title) => ({
  title,
  align: 'right',
}));

function cellsOf(group: ApiCostGroup, named: Dimension[]): string[] {
  const { job_count, total_cost_usd, share, average_cost_usd, trend } = group;
  const change = trend.change_percent;
  return [
    ...named.map((each) => nameOf(group, each) ?? '–'),
    wholeNumber(job_count),
    usd(total_cost_usd),
    percent(share),
    usd(average_cost_usd),
    usd(trend.previous_cost_usd),
    change === null ? '–' : `${change > 0 ? '+' : ''}${change.toFixed(1)}%`,
  ];
}

function nameOf(group: ApiCostGroup, dimension: Dimension): string | null | undefined {
  if (dimension === 'team') return group.team_name;
  return dimension === 'model' ? group.model_name : group[dimension];
}
