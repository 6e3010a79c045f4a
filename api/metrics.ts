import { createMiddleware } from 'hono/factory';
import { DECISION_TYPES } from '../domain/budgets/decide.ts';
import { MAX_BENCHMARKS } from '../domain/costing/calibration.ts';
import { reportOf } from '../domain/costing/report.ts';
import { toUsd } from '../domain/money.ts';
import type { MoneyFigures } from '../store/figures.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { createHistogram, type Metric, toPrometheus } from './prometheus.ts';

/**
 * What was read counts so long, and longer where reading took long: at most a twentieth of the time is
 * spent on it.
 */
const FRESH_MS = 5_000;
const SHARE_OF_TIME = 20;

interface Looked {
  figures: MoneyFigures;
  /** Of the organization whose cost model is furthest off; as a share. */
  drift: number | undefined;
  /** In percent. */
  accuracy: number | undefined;
  checksPerSecond: number;
}

/** What monitoring asks for: money over all organizations, and what this process has measured. */
export function createMetrics(deps: Pick<ApiDeps, 'store' | 'board'>) {
  const durations = createHistogram();
  const rate = createRate(() => Object.values(deps.board.decisions).reduce((sum, count) => sum + count, 0));
  const look = keptFor(async (): Promise<Looked> => {
    const figures = await deps.store.figures(new Date());
    const { organizations, forecasts } = deps.store;
    const accuracy = await forecasts.accuracyOfAll(await organizations.ids());
    const drift = await worstDrift(deps, figures.withBenchmarks);
    return { figures, drift, accuracy, checksPerSecond: rate() };
  });
  return {
    /** Measures routes that calculate costs. */
    timed: createMiddleware<ApiEnv>(async (_c, next) => {
      const startedAt = performance.now();
      await next();
      durations.add(performance.now() - startedAt);
    }),
    async text(): Promise<string> {
      const looked = await look();
      const calculation: Metric = {
        name: 'cost_calculation_duration_ms',
        type: 'histogram',
        help: 'From request to answer of POST /costs/jobs and /costs/estimate, by this process.',
        samples: durations.samples(),
      };
      return toPrometheus([...moneyMetrics(looked), ...checkMetrics(deps, looked), calculation]);
    },
  };
}

function moneyMetrics({ figures, drift, accuracy }: Looked): Metric[] {
  const { activeBudgets, openHolds, held, committed, spent, saved, crossings } = figures;
  const gauge = (name: string, help: string, value: number | undefined): Metric => {
    return { name, type: 'gauge', help, samples: [{ value }] };
  };
  const reached = (name: string, level: string, value: number): Metric => {
    const help = `Budget periods that have reached their ${level} threshold.`;
    return { name, type: 'counter', help, samples: [{ value }] };
  };
  return [
    gauge('active_budgets_total', 'Budgets that count at present.', activeBudgets),
    reached('budget_warnings_total', 'warning', crossings.warning),
    reached('budget_throttles_total', 'throttle', crossings.throttle),
    reached('budget_blocks_total', 'block', crossings.block),
    gauge('total_spend_tracked_dollars', 'All costs that the ledger has counted.', toUsd(spent)),
    gauge('cost_savings_dollars', 'What reuse and caching have saved, as in reports.', toUsd(saved)),
    gauge('open_holds_total', 'Holds that are not closed.', openHolds),
    gauge('held_dollars', 'What open holds keep and has not been spent.', toUsd(held)),
    gauge('committed_dollars', 'Spent and held in the present periods of all budgets.', toUsd(committed)),
    gauge(
      'cost_model_drift_percent',
      'How far the cost model of the organization that is furthest off lies from its newest benchmarks.',
      drift === undefined ? undefined : drift * 100,
    ),
    gauge(
      'forecast_accuracy_percent',
      'How right the forecasts of whole organizations were about seven days; unknown before there are any.',
      accuracy,
    ),
  ];
}

function checkMetrics({ board }: Pick<ApiDeps, 'board'>, { checksPerSecond }: Looked): Metric[] {
  return [
    {
      name: 'budget_checks_per_second',
      type: 'gauge',
      help: 'Budget checks that this process has answered, since the metrics were read before.',
      samples: [{ value: checksPerSecond }],
    },
    {
      name: 'budget_decisions_total',
      type: 'counter',
      help: 'Budget checks that this process has answered, by the answer.',
      samples: DECISION_TYPES.map((type) => ({ labels: { type }, value: board.decisions[type] })),
    },
  ];
}

async function worstDrift(
  { store }: Pick<ApiDeps, 'store'>,
  organizations: string[],
): Promise<number | undefined> {
  let worst: number | undefined;
  for (const org of organizations) {
    const newest = await store.benchmarks.newest(org, undefined, MAX_BENCHMARKS);
    const { drift } = reportOf(newest, await store.costModels.current(org));
    if (drift !== null && Math.abs(drift) >= Math.abs(worst ?? 0)) worst = drift;
  }
  return worst;
}

/** One look serves all who ask while it is fresh; one that failed serves nobody. */
function keptFor<T>(look: () => Promise<T>): () => Promise<T> {
  let kept: { until: number; value: Promise<T> } | undefined;
  return () => {
    if (kept !== undefined && performance.now() < kept.until) return kept.value;
    const startedAt = performance.now();
    const value = look();
    const mine = { until: Number.POSITIVE_INFINITY, value };
    kept = mine;
    const settle = (failed: boolean) => {
      const tookMs = performance.now() - startedAt;
      mine.until = failed ? 0 : startedAt + Math.max(FRESH_MS, tookMs * SHARE_OF_TIME);
    };
    value.then(
      () => settle(false),
      () => settle(true),
    );
    return value;
  };
}

/** How fast a count grows, between two calls. */
function createRate(count: () => number): () => number {
  let last = { at: performance.now(), count: 0 };
  return () => {
    const now = { at: performance.now(), count: count() };
    const seconds = (now.at - last.at) / 1000;
    const grown = now.count - last.count;
    last = now;
    return seconds > 0 ? grown / seconds : 0;
  };
}
