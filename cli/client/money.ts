import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import type { Fetch } from '../../client/fetch.ts';
import type { Report } from '../../domain/report/report.ts';
import { type BodyOf, bodyOf } from './answer.ts';

type Options = Parameters<typeof hc>[1];
type Raw = (path: string, init?: RequestInit, limitMs?: number) => ReturnType<Fetch>;
type Query = Record<string, string>;

/** Every entry of years is read. */
const CHECK_LIMIT_MS = 10 * 60_000;

/** What the API says and does about money. */
export function moneyMethods(base: string, options: Options, raw: Raw) {
  const { forecasts } = hc<ApiResources['forecasts']>(base, options);
  const { reports } = hc<ApiResources['reports']>(base, options);
  return {
    forecast: (query: Query) => bodyOf(forecasts.$get({ query })),
    spendReport: (query: Partial<Span>) =>
      bodyOf(reports.$get({ query: { ...query, format: 'json' } })) as Promise<Report>,
    forecastHistory: (query: Query) => bodyOf(forecasts.history.$get({ query })),
    ...budgetMethods(base, options),
    ...holdMethods(base, options),
    ...costMethods(base, options, raw),
    ...runMoneyMethods(base, options),
  };
}

function budgetMethods(base: string, options: Options) {
  const { budgets } = hc<ApiResources['budgets']>(base, options);
  const details = hc<ApiResources['budgetDetails']>(base, options).budgets[':id'];
  const check = hc<ApiResources['budgetCheck']>(base, options).budgets.check;
  return {
    budgets: (query: Query) => bodyOf(budgets.$get({ query })),
    budget: (id: string) => bodyOf(budgets[':id'].$get({ param: { id } })),
    budgetStatus: (id: string, query: { user?: string }) =>
      bodyOf(details.status.$get({ param: { id }, query })),
    createBudget: (json: NewBudget, idempotencyKey: string) =>
      bodyOf(budgets.$post({ json, header: { 'idempotency-key': idempotencyKey } })),
    editBudget: (id: string, json: BudgetEdit) => bodyOf(budgets[':id'].$patch({ param: { id }, json })),
    async deleteBudget(id: string) {
      await budgets[':id'].$delete({ param: { id } });
    },
    raiseBudget: (id: string, json: BudgetRaise, idempotencyKey: string) =>
      bodyOf(details.raise.$post({ param: { id }, json, header: { 'idempotency-key': idempotencyKey } })),
    closeBreaker: (id: string, reason: string) =>
      bodyOf(details['close-breaker'].$post({ param: { id }, json: { reason } })),
    checkBudgets: (json: BudgetQuestion) => bodyOf(check.$post({ json })),
  };
}

function holdMethods(base: string, options: Options) {
  const { holds } = hc<ApiResources['holds']>(base, options);
  return {
    holds: (query: Query) => bodyOf(holds.$get({ query })),
    hold: (id: string) => bodyOf(holds[':id'].$get({ param: { id } })),
    createHold: (json: NewHold, idempotencyKey: string) =>
      bodyOf(holds.$post({ json, header: { 'idempotency-key': idempotencyKey } })),
    releaseHold: (id: string) => bodyOf(holds[':id'].$delete({ param: { id } })),
  };
}

function costMethods(base: string, options: Options, raw: Raw) {
  const { costs } = hc<ApiResources['costs']>(base, options);
  const { audit } = hc<ApiResources['audit']>(base, options);
  return {
    dailyCosts: (query: Span) => bodyOf(costs.daily.$get({ query })),
    costHistory: (query: Span & { by: 'day' | 'week' | 'month' }) => bodyOf(costs.history.$get({ query })),
    audit: (query: Query) => bodyOf(audit.$get({ query })),
    async checkLedger() {
      const response = await raw('/ledger/check', {}, CHECK_LIMIT_MS);
      return (await response.json()) as LedgerCheck;
    },
  };
}

function runMoneyMethods(base: string, options: Options) {
  const run = hc<ApiResources['runMoney']>(base, options).runs[':id'];
  const estimates = hc<ApiResources['estimates']>(base, options).runs[':id'];
  return {
    runEstimate: (id: string) => bodyOf(estimates.estimate.$get({ param: { id } })),
    retryEstimate: (id: string, query: { fingerprint?: string }) =>
      bodyOf(estimates['retry-estimate'].$get({ param: { id }, query })),
    setRunLimit: (id: string, maxCostUsd: number) =>
      bodyOf(run.limit.$put({ param: { id }, json: { maxCostUsd } })),
    approveRun: (id: string, json: { hash: string; maxCostUsd?: number }) =>
      bodyOf(run.approve.$post({ param: { id }, json })),
    bypassBudgets: (id: string, reason: string) =>
      bodyOf(run.bypass.$post({ param: { id }, json: { reason } })),
  };
}

interface Span {
  /** First and last day, YYYY-MM-DD. */
  start: string;
  end: string;
  groupBy?: string;
}

type Methods = ReturnType<typeof moneyMethods>;
type Answered<Name extends keyof Methods> = Methods[Name] extends (...given: never) => Promise<infer Body>
  ? Body
  : never;
type BudgetsApi = ReturnType<typeof hc<ApiResources['budgets']>>['budgets'];
type DetailsApi = ReturnType<typeof hc<ApiResources['budgetDetails']>>['budgets'][':id'];
type CheckApi = ReturnType<typeof hc<ApiResources['budgetCheck']>>['budgets']['check'];
type HoldsApi = ReturnType<typeof hc<ApiResources['holds']>>['holds'];
type LedgerApi = ReturnType<typeof hc<ApiResources['ledger']>>['ledger']['check'];

export type NewBudget = Parameters<BudgetsApi['$post']>[0]['json'];
export type BudgetEdit = Parameters<BudgetsApi[':id']['$patch']>[0]['json'];
type BudgetRaise = Parameters<DetailsApi['raise']['$post']>[0]['json'];
type BudgetQuestion = Parameters<CheckApi['$post']>[0]['json'];
type NewHold = Parameters<HoldsApi['$post']>[0]['json'];
export type LedgerCheck = BodyOf<Awaited<ReturnType<LedgerApi['$get']>>>;
export type Budget = Answered<'budget'>;
export type BudgetStatus = Answered<'budgetStatus'>;
export type Hold = Answered<'hold'>;
export type DailyCosts = Answered<'dailyCosts'>;
export type CostHistory = Answered<'costHistory'>;
export type AuditPage = Answered<'audit'>;
