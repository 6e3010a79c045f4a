import type { Accuracy } from '../variance.ts';

/** First and last day, `YYYY-MM-DD`, both inclusive, in the organization's time zone. */
export interface ReportPeriod {
  start: string;
  end: string;
}

/** What was spent under one name. Amounts in USD, each a whole number of nano-dollars. */
export interface Spend {
  totalCost: number;
  /** Of the whole, in percent; null where the whole is not above nothing. */
  percentage: number | null;
  /** Calls and jobs. */
  jobCount: number;
  /** 0 of none: a day may bring a correction alone. */
  avgCostPerJob: number;
}

/** One line of a breakdown. `name` is null for what belongs to nothing of that sort. */
export interface SpendLine extends Spend {
  name: string | null;
  /** In the period before. */
  previousCost: number;
  /** In the last line of a long breakdown: how many names it sums up. */
  others?: number;
}

/** The same of a queue, under the name that users know. */
export type QueueLine = Omit<SpendLine, 'name'> & { queueName: string | null };

export interface BudgetLine {
  id: string;
  name: string;
  scope: Record<string, string>;
  /** What it gives the days of the report. */
  amountUsd: number;
  /** In its scope, on the days that it covers. */
  spentUsd: number;
  utilization: number | null;
  /** Whether `budgetAmount` is made of it. */
  counted: boolean;
}

/** How often something happened, and the money in it: null where none can be named. */
export interface Happened {
  count: number;
  usd: number | null;
}

/** Something that let money pass a budget, or that a budget did. */
interface ReportEvent {
  at: string;
  event: string;
  budgetName: string | null;
  by: string;
  reason: string | null;
  usd: number | null;
}

export interface Recommendation {
  code: string;
  text: string;
  /** The number behind it. */
  figure: number;
  unit: 'usd' | 'percent' | 'count' | 'hours';
}

/** What an organization has spent in a period, as the API shows it. Amounts in USD. */
export interface Report {
  organization: string;
  period: ReportPeriod & { timeZone: string; days: number; complete: boolean };
  generatedAt: string;
  totalSpend: number;
  jobCount: number;
  avgCostPerJob: number;
  budgetAmount: number | null;
  /** What was spent under the budgets that `budgetAmount` is made of. */
  budgetedSpend: number | null;
  utilization: number | null;
  budgets: BudgetLine[];
  topDrivers: QueueLine[];
  queueBreakdown: QueueLine[];
  teamBreakdown: SpendLine[];
  userBreakdown: SpendLine[];
  kindBreakdown: SpendLine[];
  providerBreakdown: SpendLine[];
  modelBreakdown: SpendLine[];
  componentBreakdown: Pick<SpendLine, 'name' | 'totalCost' | 'percentage' | 'previousCost'>[];
  dayBreakdown: (Spend & { date: string })[];
  comparison: ReportPeriod & {
    totalSpend: number;
    jobCount: number;
    change: number;
    /** Null where nothing was spent before. */
    changePercent: number | null;
  };
  estimates: (Accuracy & {
    kind: string;
    estimatedUsd: { p50: number; p90: number };
    actualUsd: number;
    errorPercent: number | null;
  })[];
  savings: {
    totalUsd: number;
    reuse: { items: number; usd: number; unpricedItems: number };
    caching: { tokens: number; usd: number };
  };
  waits: { reason: string; runs: number; hours: number }[];
  exceptions: {
    raises: Happened;
    bypasses: Happened;
    emergencies: Happened;
    grace: Happened;
    overruns: Happened;
    warnings: Happened;
    throttles: Happened;
    blocks: Happened;
    breakers: Happened;
    /** The newest, at most 50. */
    events: ReportEvent[];
  };
  recommendations: Recommendation[];
}
