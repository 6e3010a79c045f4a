import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { invalidInput } from '../domain/errors.ts';
import { detailsOf } from '../domain/issues.ts';

/** Read where it is there; `BURSAR_CONFIG` names another. */
const DEFAULT_PATH = 'config/bursar.yaml';

/** The keys of the file, and the variables that stand for them. */
const schema = z.strictObject({
  flushInterval: z.union([z.string(), z.number()]).optional(),
  retentionDays: z.number().optional(),
  defaultOrganization: z.string().optional(),
  costModel: z.record(z.string(), z.unknown()).optional(),
  notificationChannels: z.array(z.unknown()).optional(),
  smtp: z
    .strictObject({
      host: z.string(),
      port: z.number().optional(),
      user: z.string().optional(),
      pass: z.string().optional(),
      from: z.string().optional(),
    })
    .optional(),
  retention: z
    .strictObject({
      jobs: z.number().optional(),
      alerts: z.number().optional(),
      auditLog: z.number().optional(),
    })
    .optional(),
  debug: z.boolean().optional(),
});

const VARIABLE_OF = {
  flushInterval: 'BURSAR_FLUSH_INTERVAL',
  retentionDays: 'BURSAR_RETENTION_DAYS',
  defaultOrganization: 'BURSAR_DEFAULT_ORGANIZATION',
  costModel: 'BURSAR_COST_MODEL',
  notificationChannels: 'BURSAR_NOTIFICATION_CHANNELS',
  debug: 'BURSAR_DEBUG',
} as const;
/** The keys of `smtp` and `retention` are variables of their own. */
const SMTP = 'SMTP_';
const RETENTION_OF = {
  jobs: 'BURSAR_RETENTION_JOBS_DAYS',
  alerts: 'BURSAR_RETENTION_ALERTS_DAYS',
  auditLog: 'BURSAR_RETENTION_AUDIT_LOG_DAYS',
} as const;

/**
 * The settings of the configuration file as environment variables.
 * @param directory where a relative path begins
 * @throws AppError `invalid_input` that names file and key.
 */
export function readConfigurationFile(
  variables: NodeJS.ProcessEnv,
  directory: string,
): Record<string, string> {
  const named = variables.BURSAR_CONFIG || undefined;
  const path = join(directory, named ?? DEFAULT_PATH);
  if (named === undefined && !existsSync(path)) return {};
  const settings = settingsIn(named ?? DEFAULT_PATH, textOf(named ?? DEFAULT_PATH, path));
  const { smtp = {}, retention = {}, ...plain } = settings;
  const entries = Object.entries(plain).filter(([, value]) => value !== undefined);
  const kept = Object.entries(retention).filter(([, value]) => value !== undefined);
  const mail = Object.entries(smtp).filter(([, value]) => value !== undefined);
  return Object.fromEntries([
    ...kept.map(([key, days]) => [RETENTION_OF[key as keyof typeof RETENTION_OF], String(days)]),
    ...mail.map(([key, value]) => [`${SMTP}${key.toUpperCase()}`, String(value)]),
    ...entries.map(([key, value]) => [
      VARIABLE_OF[key as keyof typeof VARIABLE_OF],
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  ]);
}

function textOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrong(name, [{ field: 'BURSAR_CONFIG', problem: 'names a file that cannot be read' }]);
  }
}

function settingsIn(name: string, text: string): z.infer<typeof schema> {
  let content: unknown;
  try {
    content = parse(text) ?? {};
  } catch (error) {
    throw wrong(name, [{ field: name, problem: `is no YAML: ${(error as Error).message.split('\n')[0]}` }]);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const details = detailsOf(parsed.error.issues);
  const known = Object.keys(schema.shape).join(', ');
  throw wrong(name, [...details, { field: name, problem: `may have the keys ${known}` }]);
}

function wrong(name: string, details: { field: string; problem: string }[] | ReturnType<typeof detailsOf>) {
  const list = details.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
  return invalidInput(`the configuration file ${name} is not valid: ${list}`, [...details]);
}
