import type { Recommendation, Report, SpendLine } from './report.ts';
import { count, hours, nameOf, percent, plural, usd } from './words.ts';

type Figures = Omit<Report, 'recommendations'>;
type Rule = (report: Figures) => Recommendation | undefined;

/** From here on a share, in percent, is worth a word. */
const NEARLY_USED = 90;
const HARDLY_USED = 50;
const MOST_OF_ALL = 50;
const GROWN = 25;
/** Of growth only what is so much of the whole. */
const WORTH_MENTIONING = 5;
const UNNAMED = 10;
const FAR_OFF = 20;
const ASSUMED = 1;
/** Fewer runs say little of estimates. */
const ENOUGH_RUNS = 5;
const LONG_WAIT_HOURS = 1;

/** What the figures suggest, the most urgent first; nothing where there is nothing to say. */
export function recommend(report: Figures): Recommendation[] {
  return RULES.flatMap((rule) => rule(report) ?? []);
}

const RULES: Rule[] = [
  aboutBudget,
  aboutWaysPast,
  aboutOverruns,
  aboutDriver,
  aboutGrowth,
  aboutWaits,
  aboutEstimates,
  aboutAssumed,
  aboutNoTeam,
  aboutUnusedBudget,
];

function aboutBudget({ totalSpend, budgetAmount, budgetedSpend, utilization }: Figures) {
  if (totalSpend <= 0) return undefined;
  if (budgetAmount === null)
    return advice('no_budget', totalSpend, 'usd', `${usd(totalSpend)} was spent without a budget: set one.`);
  if (utilization === null || budgetedSpend === null || utilization * 100 < NEARLY_USED) return undefined;
  const of = `${usd(budgetedSpend)} of ${usd(budgetAmount)}`;
  if (utilization > 1) {
    const text = `Spend is over the budget (${of}, ${percent(utilization * 100)}): raise it or spend less.`;
    return advice('over_budget', budgetedSpend - budgetAmount, 'usd', text);
  }
  const text = `The budget is nearly used (${of}): see \`bursar forecast\` for when it ends.`;
  return advice('nearly_used', utilization * 100, 'percent', text);
}

function aboutUnusedBudget({ period, utilization, budgetAmount, budgetedSpend }: Figures) {
  if (!period.complete || utilization === null || utilization <= 0) return undefined;
  if (utilization * 100 >= HARDLY_USED) return undefined;
  const of = `${usd(budgetedSpend ?? 0)} of ${usd(budgetAmount ?? 0)}`;
  const share = percent(utilization * 100);
  const text = `Only ${share} of the budget was used (${of}): a lower one would warn earlier.`;
  return advice('hardly_used', utilization * 100, 'percent', text);
}

function aboutWaysPast({ exceptions: { bypasses, emergencies } }: Figures) {
  const passed = bypasses.count + emergencies.count;
  if (passed === 0) return undefined;
  const parts = [
    plural(bypasses.count, 'bypass', 'bypasses'),
    plural(emergencies.count, 'emergency', 'emergencies'),
  ];
  const text = `Budgets were passed on purpose (${parts.join(', ')}): read why, and raise what is too tight.`;
  return advice('ways_past', passed, 'count', text);
}

function aboutOverruns({ exceptions: { overruns } }: Figures) {
  if (overruns.count === 0) return undefined;
  const beyond = overruns.usd ?? 0;
  const text =
    `${plural(overruns.count, 'cost')} came out ${usd(beyond)} over what was set aside: ` +
    'hold more, or check the prices.';
  return advice('overruns', beyond, 'usd', text);
}

function aboutDriver({ queueBreakdown }: Figures) {
  const [first, second] = queueBreakdown;
  if (first?.queueName == null || second === undefined || (first.percentage ?? 0) < MOST_OF_ALL)
    return undefined;
  const of = `${percent(first.percentage)} of the whole (${usd(first.totalCost)})`;
  const name = nameOf({ name: first.queueName });
  const text = `The queue ${name} made up ${of}: a budget of its own would hold it.`;
  return advice('main_driver', first.percentage ?? 0, 'percent', text);
}

function aboutGrowth({ queueBreakdown, teamBreakdown, totalSpend, comparison }: Figures) {
  if (comparison.totalSpend <= 0) return undefined;
  const grown = [
    ...queueBreakdown.map(({ queueName, ...line }) => ({ what: 'queue', ...line, name: queueName })),
    ...teamBreakdown.map((line) => ({ what: 'team', ...line })),
  ]
    .filter(({ name }) => name !== null)
    .map((line) => ({ ...line, more: line.totalCost - line.previousCost }))
    .filter(
      ({ more, previousCost }) =>
        more * 100 > totalSpend * WORTH_MENTIONING && more * 100 > previousCost * GROWN,
    )
    .sort((a, b) => b.more - a.more)[0];
  if (grown === undefined) return undefined;
  const from = `from ${usd(grown.previousCost)} to ${usd(grown.totalCost)}`;
  const who = `The ${grown.what} ${nameOf(grown)}`;
  const text = `${who} spent ${usd(grown.more)} more than before (${from}): find out why.`;
  return advice('growth', grown.more, 'usd', text);
}

function aboutWaits({ waits }: Figures) {
  const [longest] = waits;
  if (longest === undefined || longest.hours < LONG_WAIT_HOURS) return undefined;
  const what = longest.reason.replaceAll('_', ' ');
  const who = `${plural(longest.runs, 'run')} waited ${hours(longest.hours)} in all (${what})`;
  const text = `${who}: ${REMEDIES[longest.reason] ?? 'see why.'}`;
  return advice('waits', longest.hours, 'hours', text);
}

const REMEDIES: Record<string, string> = {
  budget: 'raise the budget, or start them later.',
  circuit_open: 'look at what opened the breaker.',
  approval: 'approve sooner, or raise the warning threshold.',
  rate_limit: 'ask the provider for more, or name fallback models.',
  failing: 'look at the errors.',
};

function aboutEstimates({ estimates }: Figures) {
  const worst = estimates
    .filter(({ runs, errorPercent }) => runs >= ENOUGH_RUNS && Math.abs(errorPercent ?? 0) >= FAR_OFF)
    .sort((a, b) => Math.abs(b.errorPercent ?? 0) - Math.abs(a.errorPercent ?? 0))[0];
  if (worst === undefined) return undefined;
  const error = worst.errorPercent ?? 0;
  const than = `${percent(Math.abs(error))} ${error > 0 ? 'more' : 'less'} than estimated`;
  const text = `Runs of kind ${worst.kind} cost ${than} (${plural(worst.runs, 'run')}): plan with that.`;
  return advice('estimates_off', error, 'percent', text);
}

function aboutAssumed({ componentBreakdown }: Figures) {
  const assumed = componentBreakdown.find(({ name }) => name === 'assumed');
  if (assumed === undefined || (assumed.percentage ?? 0) < ASSUMED) return undefined;
  const counted = `${usd(assumed.totalCost)} is counted at its worst case`;
  const text = `${counted}, as processes died during calls: see the logs.`;
  return advice('assumed', assumed.totalCost, 'usd', text);
}

function aboutNoTeam({ teamBreakdown, jobCount }: Figures) {
  const none: SpendLine | undefined = teamBreakdown.find(
    ({ name, others }) => name === null && others === undefined,
  );
  if (none === undefined || teamBreakdown.length < 2 || (none.percentage ?? 0) < UNNAMED) return undefined;
  const costs = `${count(none.jobCount)} of ${count(jobCount)} costs`;
  const of = `${usd(none.totalCost)} (${percent(none.percentage)}, ${costs})`;
  return advice(
    'no_team',
    none.totalCost,
    'usd',
    `${of} belongs to no team: name one, so that budgets can hold it.`,
  );
}

function advice(code: string, figure: number, unit: Recommendation['unit'], text: string): Recommendation {
  return { code, text, figure, unit };
}
