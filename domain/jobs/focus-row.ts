import { csvLine, type ExportedField, numberField, textField, usdField } from '../exported-field.ts';
import type { DatedJob } from './job.ts';
import { toJobRow } from './job-row.ts';

/**
 * Jobs as charges of FOCUS, the FinOps Open Cost and Usage Specification. 1.2 is its tag v1.2
 * (https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, `specification/columns`); 1.4 has
 * HostProviderName and ServiceProviderName in place of ProviderName and PublisherName.
 */
export const FOCUS_VERSIONS = ['1.2', '1.4'] as const;
export type FocusVersion = (typeof FOCUS_VERSIONS)[number];

/** Whom charges are billed to. */
export interface FocusAccount {
  org: string;
  /** The id of a team, by its name. */
  teamIdOf(team: string): string;
}

type Columns = Record<string, (job: DatedJob, account: FocusAccount) => ExportedField>;

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const cost = (job: DatedJob): ExportedField => usdField(job.costNanoUsd);
const provider = (job: DatedJob): ExportedField => ({ text: job.provider });
const isCredit = (job: DatedJob) => job.costBasis === 'credit';
const sku = ({ provider, model, gpuType }: DatedJob): ExportedField => ({
  text: [provider, model, ...(gpuType === undefined ? [] : [gpuType])].join('/'),
});

/** In alphabetical order, as the specification allows; what is ours comes last. */
const COLUMNS: Columns = {
  BilledCost: cost,
  BillingAccountId: (_, { org }) => ({ text: org }),
  BillingAccountName: (_, { org }) => ({ text: org }),
  BillingCurrency: () => ({ text: 'USD' }),
  BillingPeriodEnd: (job) => timeField(monthOf(job, 1)),
  BillingPeriodStart: (job) => timeField(monthOf(job, 0)),
  ChargeCategory: (job) => ({ text: isCredit(job) ? 'Credit' : 'Usage' }),
  ChargeClass: () => undefined,
  ChargeDescription: ({ id, model, provider }) => ({ text: `Job ${id}: ${model} at ${provider}` }),
  ChargeFrequency: (job) => ({ text: isCredit(job) ? 'One-Time' : 'Usage-Based' }),
  ChargePeriodEnd: (job) => timeField(endOf(job)),
  ChargePeriodStart: (job) => timeField(startOf(job)),
  ConsumedQuantity: (job) => quantityOf(job)?.amount,
  ConsumedUnit: (job) => textField(quantityOf(job)?.unit),
  ContractedCost: cost,
  EffectiveCost: cost,
  HostProviderName: provider,
  InvoiceIssuerName: provider,
  ListCost: cost,
  PricingCategory: () => ({ text: 'Standard' }),
  PricingQuantity: (job) => quantityOf(job)?.amount,
  PricingUnit: (job) => textField(quantityOf(job)?.unit),
  ProviderName: provider,
  PublisherName: provider,
  ServiceCategory: () => ({ text: 'AI and Machine Learning' }),
  ServiceName: ({ model }) => ({ text: model }),
  ServiceProviderName: provider,
  ServiceSubcategory: () => ({ text: 'Other (AI and Machine Learning)' }),
  SkuId: sku,
  SkuPriceId: sku,
  SubAccountId: ({ team }, { teamIdOf }) => ({ text: teamIdOf(team) }),
  SubAccountName: ({ team }) => ({ text: team }),
  x_CostBasis: ({ costBasis }) => ({ text: costBasis }),
  x_EndTime: (job) => toJobRow(job).end_time,
  x_GpuCount: ({ gpuCount }) => numberField(gpuCount),
  x_GpuType: ({ gpuType }) => textField(gpuType),
  x_InputTokens: ({ inputTokens }) => numberField(inputTokens),
  x_JobId: ({ id }) => ({ text: id }),
  x_Kind: ({ kind }) => textField(kind),
  x_ModelName: ({ model }) => ({ text: model }),
  x_OutputTokens: ({ outputTokens }) => numberField(outputTokens),
  x_Queue: ({ queue }) => textField(queue),
  x_StartTime: (job) => toJobRow(job).start_time,
  x_Status: ({ status }) => ({ text: status }),
  x_TeamName: ({ team }) => ({ text: team }),
  x_User: ({ user }) => textField(user),
};
const NOT_IN: Record<FocusVersion, string[]> = {
  '1.2': ['HostProviderName', 'ServiceProviderName'],
  '1.4': ['ProviderName', 'PublisherName'],
};

/** The head of a FOCUS file, and what makes its lines. */
export function createFocusLines(version: FocusVersion, account: FocusAccount) {
  const columns = Object.entries(COLUMNS).filter(([name]) => !NOT_IN[version].includes(name));
  return {
    head: csvLine(columns.map(([name]) => ({ text: name }))),
    lineOf: (job: DatedJob): string => csvLine(columns.map(([, field]) => field(job, account))),
  };
}

/** The format of the specification has whole seconds; the exact times of a job are in columns of ours. */
function timeField(ms: number): ExportedField {
  return { text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
}

function startOf({ startedAt, endedAt, at }: DatedJob): number {
  return Math.floor((startedAt ?? endedAt ?? at).getTime() / SECOND_MS) * SECOND_MS;
}

/** Exclusive, so that a job without a length has a second: no period is empty. */
function endOf(job: DatedJob): number {
  const end = Math.ceil((job.endedAt?.getTime() ?? 0) / SECOND_MS) * SECOND_MS;
  return Math.max(end, startOf(job) + SECOND_MS);
}

/** The first instant of the month, UTC, in which the charge begins, or of one after it. */
function monthOf(job: DatedJob, after: number): number {
  const start = new Date(startOf(job));
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + after);
}

/** What was used; of a credit nothing was. */
function quantityOf(job: DatedJob): { amount: ExportedField; unit: string } | undefined {
  if (isCredit(job)) return undefined;
  const { inputTokens, outputTokens, gpuType, gpuCount = 1, startedAt, endedAt } = job;
  if (inputTokens !== undefined || outputTokens !== undefined)
    return { amount: numberField((inputTokens ?? 0) + (outputTokens ?? 0)), unit: 'Tokens' };
  if (gpuType === undefined || startedAt === undefined || endedAt === undefined)
    return { amount: { literal: '1' }, unit: 'Jobs' };
  const hours = ((endedAt.getTime() - startedAt.getTime()) / HOUR_MS) * gpuCount;
  return { amount: numberField(Number(hours.toFixed(9))), unit: 'GPU-Hours' };
}
