import type { ApiForecast, ApiStoredForecast } from '../../api/forecast-view.ts';
import { SCOPE_FIELDS } from '../../domain/budgets/scope.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { percent, plural, usd } from '../show/format.ts';
import { tableLines } from '../show/table.ts';

type Outcome = ApiStoredForecast['week'];

export type ForecastOptions = { [Field in (typeof SCOPE_FIELDS)[number]]?: string } & {
  budget?: string;
  days: number;
  history?: boolean;
};

/** `bursar forecast` */
export async function showForecast(context: CommandContext, options: ForecastOptions): Promise<number> {
  const { output } = context;
  const { days, budget, history, ...rest } = options;
  const named = SCOPE_FIELDS.flatMap((field) => (rest[field] === undefined ? [] : [[field, rest[field]]]));
  const of = { ...Object.fromEntries(named), ...(budget && { budget }) };
  if (history) return showHistory(context, { ...of, limit: String(days) });
  const query = { ...of, days: String(days) };
  return withSession(context, { temporal: false, command: 'forecast' }, async ({ client }) => {
    const found = await client.forecast(query);
    output.result(found);
    const { spentUsd, budgetUsd, predictedSpendUsd, predicted, overrun, backtestErrorPercent } = found;
    const range = (interval: { low: number; high: number } | null) =>
      interval === null ? '' : ` (80% between ${usd(interval.low)} and ${usd(interval.high)})`;
    const ofBudget = budgetUsd === null ? '' : ` of ${usd(budgetUsd)}`;
    const error =
      backtestErrorPercent === null ? '' : `, ${backtestErrorPercent.toFixed(0)}% off on the past`;
    const chance = overrun?.probability ?? null;
    const facts = [
      ['period', `${found.periodStart} to ${found.periodEnd}`],
      ['spent', `${usd(spentUsd)}${ofBudget}`],
      [
        'forecast',
        `${usd(predictedSpendUsd)}${ofBudget}${range(predicted.interval80)}, ${found.trendDirection}`,
      ],
      ['overrun', chance === null ? '' : `${percent(chance)} likely${whenOf(overrun)}`],
      ['basis', `${plural(found.historyDays, 'day')}, ${found.method.replaceAll('_', ' ')}${error}`],
      ['accuracy', accuracyOf(found)],
    ];
    for (const [name = '', value] of facts) if (value !== '') output.line(`${name.padEnd(9)} ${value}`);
    output.line(found.recommendation);
    output.line();
    const columns = ['day', 'expected', '80%'].map((title) => ({ title }));
    const rows = found.days.map(({ date, point, interval80 }) => [
      date,
      usd(point),
      interval80 === null ? '' : `${usd(interval80.low)} – ${usd(interval80.high)}`,
    ]);
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

function accuracyOf({ accuracyPercent, accuracySamples }: ApiForecast): string {
  if (accuracyPercent === null) return '';
  return `${accuracyPercent.toFixed(0)}% in the mean over ${plural(accuracySamples, 'earlier forecast')}`;
}

async function showHistory(context: CommandContext, query: Record<string, string>): Promise<number> {
  const { output } = context;
  return withSession(context, { temporal: false, command: 'forecast' }, async ({ client }) => {
    const found = await client.forecastHistory(query);
    output.result(found);
    if (found.forecasts.length === 0) {
      output.line(
        'no forecast of this is stored: they are made daily for budgets, top queues and the organization',
      );
      return EXIT.done;
    }
    const columns = ['made', '7 days', 'came true', 'accuracy', 'period', 'came true', 'accuracy'];
    const outcome = ({ predictedUsd, actualUsd, accuracyPercent }: Outcome) => [
      usd(predictedUsd),
      actualUsd === null ? '–' : usd(actualUsd),
      accuracyPercent === null ? '–' : `${accuracyPercent.toFixed(0)}%`,
    ];
    const rows = found.forecasts.map(({ date, week, period }) => [
      date,
      ...outcome(week),
      ...outcome(period),
    ]);
    const titles = columns.map((title) => ({ title }));
    for (const line of tableLines(titles, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

function whenOf(overrun: { p10: string | null; p50: string | null; p90: string | null } | null): string {
  if (overrun?.p50 == null) return '';
  const last = overrun.p90 ?? 'later than can be told';
  return `; on about ${overrun.p50}, between ${overrun.p10 ?? 'now'} and ${last}`;
}
