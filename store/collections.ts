import type { Connection } from 'mongoose';
import type { CostModel } from '../domain/costing/cost-model.ts';
import { alertStore } from './alerts.ts';
import { apiKeyStore } from './api-keys.ts';
import { archiveStore } from './archives.ts';
import { auditLogStore } from './audit-log.ts';
import { batchStore } from './batches.ts';
import { benchmarkStore } from './benchmarks.ts';
import { budgetPeriodStore } from './budget-periods.ts';
import { budgetUsage } from './budget-usage.ts';
import { budgetStore } from './budgets.ts';
import { burnStore } from './burns.ts';
import { calibrationStore } from './calibrations.ts';
import { channelStore } from './channels.ts';
import { companyStore } from './companies.ts';
import { companySourceStore } from './company-sources.ts';
import { costModelStore } from './cost-models.ts';
import { costSnapshotStore } from './cost-snapshots.ts';
import { dailyCostStore } from './daily-costs.ts';
import { deliveryStore } from './deliveries.ts';
import { documentStore } from './documents.ts';
import { embeddingStore } from './embeddings.ts';
import { entryStore } from './entries.ts';
import { estimateStore } from './estimates.ts';
import { forecastStore } from './forecasts.ts';
import { generationLogStore } from './generation-logs.ts';
import { gpuPriceStore } from './gpu-prices.ts';
import { holdStore } from './holds.ts';
import { ingestionPartStore } from './ingestion-parts.ts';
import { ingestionStore } from './ingestions.ts';
import { installationSecretStore } from './installation-secrets.ts';
import { invitationStore } from './invitations.ts';
import { jobDayMarkStore } from './job-day-marks.ts';
import { jobDayStore } from './job-days.ts';
import { jobStore } from './jobs.ts';
import { labelSetStore } from './label-sets.ts';
import { loginFailureStore } from './login-failures.ts';
import { membershipStore } from './memberships.ts';
import { memoryStore } from './memories.ts';
import { objectStore } from './objects.ts';
import { organizationStore } from './organizations.ts';
import { personStore } from './people.ts';
import { priceStore } from './prices.ts';
import { projectStore } from './projects.ts';
import { providerKeyStore } from './provider-keys.ts';
import { providerLimitStore } from './provider-limits.ts';
import { runArchiveStore } from './run-archives.ts';
import { runItemStore } from './run-items.ts';
import { runStore } from './runs.ts';
import { scheduleStore } from './schedules.ts';
import { settingsStore } from './settings.ts';
import { signInStore } from './sign-ins.ts';
import { snapshotStore } from './snapshots.ts';
import { teamStore } from './teams.ts';
export type Collections = ReturnType<typeof createCollections>;

/** The repositories of all collections over one connection. */
export function createCollections(connection: Connection, firstModel: CostModel) {
  const organizations = organizationStore(connection);
  const alerts = alertStore(connection);
  const auditLog = auditLogStore(connection, alerts);
  const budgetPeriods = budgetPeriodStore(connection, auditLog);
  const holds = holdStore(connection);
  const calibrations = calibrationStore(connection);
  return {
    organizations,
    apiKeys: apiKeyStore(connection, auditLog),
    projects: projectStore(connection),
    objects: objectStore(connection),
    documents: documentStore(connection),
    runs: runStore(connection, auditLog),
    batches: batchStore(connection),
    runItems: runItemStore(connection),
    archives: archiveStore(connection),
    runArchives: runArchiveStore(connection),
    generationLogs: generationLogStore(connection),
    auditLog,
    alerts,
    deliveries: deliveryStore(connection),
    budgetPeriods,
    holds,
    budgets: budgetStore({
      connection,
      periods: budgetPeriods,
      audit: auditLog,
      organizations,
      markStale: holds.markStale,
    }),
    budgetUsage: budgetUsage({ budgetPeriods, holds }),
    entries: entryStore(connection),
    dailyCosts: dailyCostStore(connection),
    burns: burnStore(connection),
    forecasts: forecastStore(connection),
    prices: priceStore(connection, auditLog),
    calibrations,
    estimates: estimateStore(connection, calibrations),
    settings: settingsStore(connection, auditLog),
    costModels: costModelStore(connection, firstModel, auditLog),
    benchmarks: benchmarkStore(connection),
    schedules: scheduleStore(connection),
    companies: companyStore(connection),
    companySources: companySourceStore(connection),
    memories: memoryStore(connection),
    embeddings: embeddingStore(connection),
    labelSets: labelSetStore(connection),
    snapshots: snapshotStore(connection),
    providerKeys: providerKeyStore(connection, auditLog),
    providerLimits: providerLimitStore(connection, auditLog),
    jobs: jobStore(connection),
    ingestions: ingestionStore(connection),
    ingestionParts: ingestionPartStore(connection),
    teams: teamStore(connection),
    channels: channelStore(connection, auditLog),
    jobDayMarks: jobDayMarkStore(connection),
    jobDays: jobDayStore(connection),
    costSnapshots: costSnapshotStore(connection, auditLog),
    gpuPrices: gpuPriceStore(connection, auditLog),
    people: personStore(connection),
    memberships: membershipStore(connection),
    invitations: invitationStore(connection),
    signIns: signInStore(connection),
    loginFailures: loginFailureStore(connection),
    installationSecrets: installationSecretStore(connection),
  };
}
