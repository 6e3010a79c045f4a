import { adminRoutes } from './admin.ts';
import { alertRoutes } from './alerts.ts';
import { analyticsRoutes } from './analytics.ts';
import { analyticsExportRoutes } from './analytics-export.ts';
import { auditRoutes } from './audit.ts';
import { batchRoutes } from './batches.ts';
import { benchmarkRoutes } from './benchmarks.ts';
import { budgetCheckRoutes } from './budget-check.ts';
import { budgetDetailRoutes } from './budget-details.ts';
import { budgetRoutes } from './budgets.ts';
import { channelRoutes } from './channels.ts';
import { companyRoutes } from './companies.ts';
import { companySourceRoutes } from './company-sources.ts';
import { costModelRoutes } from './cost-models.ts';
import { costSnapshotRoutes } from './cost-snapshots.ts';
import { costRoutes } from './costs.ts';
import type { ApiDeps } from './deps.ts';
import { documentationJobRoutes } from './documentation-jobs.ts';
import { documentRoutes } from './documents.ts';
import { enrichmentWorkerRoutes } from './enrichment-worker.ts';
import { estimateRoutes } from './estimates.ts';
import { exportRoutes } from './export.ts';
import { forecastRoutes } from './forecasts.ts';
import { gpuPriceRoutes } from './gpu-prices.ts';
import { holdRoutes } from './holds.ts';
import { ingestionRoutes } from './ingestions.ts';
import { intelligenceRoutes } from './intelligence.ts';
import { invitationRoutes } from './invitations.ts';
import { jobCostRoutes } from './job-costs.ts';
import { jobExportRoutes } from './job-export.ts';
import { jobRoutes } from './jobs.ts';
import type { KeyCache } from './key-cache.ts';
import { keyRoutes } from './keys.ts';
import { labelSetRoutes } from './label-sets.ts';
import { ledgerRoutes } from './ledger.ts';
import { loginRoutes } from './login.ts';
import { memoryRoutes } from './memories.ts';
import { mockJobRoutes } from './mock-jobs.ts';
import { oidcRoutes } from './oidc.ts';
import { organizationRoutes } from './organizations.ts';
import { peopleRoutes } from './people.ts';
import { priceRoutes } from './prices.ts';
import { projectRoutes } from './projects.ts';
import { providerLimitRoutes } from './provider-limits.ts';
import { providerRoutes } from './providers.ts';
import { reportRoutes } from './reports.ts';
import { retentionRoutes } from './retention.ts';
import { runArchiveRoutes } from './run-archive.ts';
import { runDetailRoutes } from './run-details.ts';
import { runEventRoutes } from './run-events.ts';
import { runMoneyRoutes } from './run-money.ts';
import { runRoutes } from './runs.ts';
import { scheduleRoutes } from './schedules.ts';
import { sessionRoutes } from './sessions.ts';
import { settingsRoutes } from './settings.ts';
import { statusRoutes } from './status.ts';
import { telemetryRoutes } from './telemetry.ts';
import { telemetryExportRoutes } from './telemetry-export.ts';

/**
 * The routes under `/api/v1`, by resource. Clients take their types from here, one resource at a time: as one
 * type they would take the compiler minutes.
 */
export function createResources(deps: ApiDeps, keyCache: KeyCache) {
  return {
    runs: runRoutes(deps),
    runMoney: runMoneyRoutes(deps),
    batches: batchRoutes(deps),
    runArchive: runArchiveRoutes(deps),
    retention: retentionRoutes(deps),
    runDetails: runDetailRoutes(deps),
    runEvents: runEventRoutes(deps),
    schedules: scheduleRoutes(deps),
    documentationJobs: documentationJobRoutes(deps),
    projects: projectRoutes(deps),
    documents: documentRoutes(deps),
    exports: exportRoutes(deps),
    estimates: estimateRoutes(deps),
    prices: priceRoutes(deps),
    settings: settingsRoutes(deps),
    budgetCheck: budgetCheckRoutes(deps),
    budgets: budgetRoutes(deps),
    budgetDetails: budgetDetailRoutes(deps),
    holds: holdRoutes(deps),
    costs: costRoutes(deps),
    forecasts: forecastRoutes(deps),
    reports: reportRoutes(deps),
    audit: auditRoutes(deps),
    analytics: analyticsRoutes(deps),
    analyticsExports: analyticsExportRoutes(deps),
    ledger: ledgerRoutes(deps),
    jobs: jobRoutes(deps),
    jobExports: jobExportRoutes(deps),
    ingestions: ingestionRoutes(deps),
    mockJobs: mockJobRoutes(deps),
    costSnapshots: costSnapshotRoutes(deps),
    gpuPrices: gpuPriceRoutes(deps),
    jobCosts: jobCostRoutes(deps),
    costModels: costModelRoutes(deps),
    benchmarks: benchmarkRoutes(deps),
    companies: companyRoutes(deps),
    companySources: companySourceRoutes(deps),
    intelligence: intelligenceRoutes(deps),
    memories: memoryRoutes(deps),
    labelSets: labelSetRoutes(deps),
    enrichmentWorker: enrichmentWorkerRoutes(deps),
    admin: adminRoutes(deps),
    providerLimits: providerLimitRoutes(deps),
    providers: providerRoutes(deps),
    channels: channelRoutes(deps),
    alerts: alertRoutes(deps),
    telemetry: telemetryRoutes(deps),
    telemetryExport: telemetryExportRoutes(deps),
    keys: keyRoutes(deps, keyCache),
    login: loginRoutes(deps),
    oidc: oidcRoutes(deps),
    sessions: sessionRoutes(deps, keyCache),
    people: peopleRoutes(deps, keyCache),
    invitations: invitationRoutes(deps),
    organizations: organizationRoutes(deps),
    status: statusRoutes(deps),
  };
}

export type ApiResources = ReturnType<typeof createResources>;
