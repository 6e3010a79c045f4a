import { type AppError, invalidInput } from './errors.ts';
import type { GateLimits } from './gate.ts';
import { toUsd } from './money.ts';
import type { KindName } from './run.ts';

/** What an organization has set. Everything may be left out; then the default counts. */
export interface Settings extends GateLimits {
  /** IANA name; in it the days of daily costs are cut. Default `UTC`. */
  timeZone?: string;
  /** How long answers about companies count as fresh. Default 30. */
  snapshotFreshnessDays?: number;
  /** The model of runs that name none, as `provider/model`; default is the installation's. */
  llmProvider?: string;
  /** Every model is stood in for by the offline provider, so that nothing is paid. */
  llmMockMode?: boolean;
  /** Limits for runs of one kind, each in place of the organization's. */
  kinds?: Record<KindName, GateLimits>;
}

/** A change of settings: null takes a value back, what is left out stays. */
export type SettingsChange = Changes<GateLimits> &
  Changes<Pick<Settings, (typeof OWN)[number]>> & { kinds?: Record<KindName, Changes<GateLimits> | null> };

type Changes<T> = { [Name in keyof T]?: T[Name] | null };

/** What is set for the organization as a whole, besides its limits. */
const OWN = ['timeZone', 'snapshotFreshnessDays', 'llmProvider', 'llmMockMode'] as const;

export const DEFAULT_TIME_ZONE = 'UTC';

/** The settings after a change. */
export function changedSettings(settings: Settings, change: SettingsChange): Settings {
  const { kinds: kindChanges = {}, ...own } = change;
  const { kinds: kindsBefore = {}, ...before } = settings;
  const kinds = { ...kindsBefore };
  for (const [name, changes] of Object.entries(kindChanges)) {
    const limits = changes === null ? {} : merged(kinds[name] ?? {}, changes);
    if (Object.keys(limits).length === 0) delete kinds[name];
    else kinds[name] = limits;
  }
  return { ...merged(before, own), ...(Object.keys(kinds).length > 0 && { kinds }) };
}

function merged<T extends object>(before: T, changes: Changes<T>): T {
  const entries = Object.entries({ ...before, ...changes }).filter(([, value]) => value != null);
  return Object.fromEntries(entries) as T;
}

/** The limits that count for runs of a kind. */
export function limitsOf(settings: Settings, kind: KindName): GateLimits {
  const { costWarningThresholdNanoUsd, costHardLimitNanoUsd } = settings;
  return merged({}, { costWarningThresholdNanoUsd, costHardLimitNanoUsd, ...settings.kinds?.[kind] });
}

/** @throws AppError `invalid_input` for a warning that could never be given: the hard limit comes first. */
export function assertSensible(settings: Settings): void {
  const own = problemOf(limitsOf({ ...settings, kinds: {} }, 'documentation'), '');
  if (own !== undefined) throw own;
  for (const kind of Object.keys(settings.kinds ?? {})) {
    const problem = problemOf(limitsOf(settings, kind), `kinds.${kind}.`);
    if (problem !== undefined) throw problem;
  }
}

function problemOf(limits: GateLimits, path: string): AppError | undefined {
  const { costWarningThresholdNanoUsd: warning, costHardLimitNanoUsd: hard } = limits;
  if (warning === undefined || hard === undefined || warning <= hard) return undefined;
  const field = `${path}costWarningThreshold`;
  const problem = `must not be over costHardLimit (${toUsd(hard)} USD): such a run would be rejected`;
  return invalidInput(`${field} ${problem}`, [{ field, problem }]);
}
