import { z } from 'zod';
import { invalidInput } from '../domain/errors.ts';
import { detailsOf } from '../domain/issues.ts';
import { ROLES } from '../domain/principal.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { json, notificationChannels } from './notification-channels.ts';

const port = z.coerce.number().int().min(0).max(65535);

/** `500ms`, `1s`, `5m`, or milliseconds. */
function duration(least: number, most: number) {
  return z
    .string()
    .transform((text) => {
      const [, amount, unit = 'ms'] = /^(\d{1,9})(ms|s|m)?$/.exec(text.trim()) ?? [];
      return Number(amount ?? Number.NaN) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
    })
    .refine((ms) => ms >= least && ms <= most, `must be a time such as 1s, from ${least} ms to ${most} ms`);
}

/** 32 bytes in base64 or as 64 hexadecimal digits. */
const encryptionKey = z
  .string()
  .transform((text) => Buffer.from(text.trim(), /^[0-9a-f]{64}$/i.test(text.trim()) ? 'hex' : 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64, or 64 hexadecimal digits');

/** Shorter, and what is archived would be asked for again at once. */
const keptDays = z.coerce.number().int().min(30).max(36_500);
const flag = z.stringbool().default(false);
const weight = z.number().min(0).max(1_000_000);
const weights = z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/), weight);

/** `1m,5m,15m`: up to three times. */
const retryDelays = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(duration(10, 86_400_000)).min(1).max(3));

/** JSON of what differs from the default cost model. */
const costModel = json.pipe(
  z.strictObject({
    weights: z
      .strictObject({
        cpuSecond: weight,
        memoryMbSecond: weight,
        payloadKb: weight,
        redisOperation: weight,
        networkMb: weight,
        base: weight,
      })
      .partial()
      .optional(),
    components: weights.optional(),
    environments: weights.optional(),
    defaultMultiplier: weight.optional(),
  }),
);

/** Every environment variable that the worker and the API read. Empty strings count as not set. */
const schema = z.object({
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Base address of the Temporal Web UI, for links; without it runs carry no link. */
  TEMPORAL_UI_URL: z.url().optional(),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .default('mongodb://127.0.0.1:27017/bursar'),
  BURSAR_HOST: z.string().default('127.0.0.1'),
  BURSAR_PORT: port.default(3000),
  BURSAR_TASK_QUEUE: z.string().default('bursar'),
  /** Presets the admin key of the organization `default`, for scripts and tests. */
  BURSAR_ADMIN_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  /** Where the API writes the admin key that it made, readable by its owner only. */
  BURSAR_KEY_FILE: z.string().optional(),
  /** Sample jobs; without, those of the package. */
  BURSAR_MOCK_JOBS_FILE: z.string().optional(),
  /** The model of runs that name none. */
  BURSAR_MODEL: z.string().default('offline/gpt-5-mini'),
  BURSAR_WORKER_HEALTH_PORT: port.optional(),
  /** How many activities one worker process carries out at a time. */
  BURSAR_WORKER_SLOTS: z.coerce.number().int().min(1).max(1000).default(100),
  /** How often entries are brought into the counters of budgets and the daily costs; in milliseconds. */
  BURSAR_FLUSH_INTERVAL: duration(50, 3_600_000).default(1_000),
  /** The organization that is made at the first start. */
  BURSAR_DEFAULT_ORGANIZATION: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be small letters, digits, - and _')
    .default('default'),
  /** What differs from the built-in cost model of jobs, as JSON: the first version of every organization. */
  BURSAR_COST_MODEL: costModel.optional(),
  /** Where the configuration file lies; default `config/bursar.yaml`, where that is there. */
  BURSAR_CONFIG: z.string().optional(),
  /** Everything is logged that helps to find an error. */
  BURSAR_DEBUG: flag,
  /** For so many days the details of a run that has ended stay at hand; then they are archived. */
  BURSAR_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  /** Likewise jobs, alerts and rows of the audit log; without it they are kept at hand for ever. */
  BURSAR_RETENTION_JOBS_DAYS: keptDays.optional(),
  BURSAR_RETENTION_ALERTS_DAYS: keptDays.optional(),
  BURSAR_RETENTION_AUDIT_LOG_DAYS: keptDays.optional(),
  BURSAR_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: z.url().optional(),
  COMPATIBLE_API_KEY: z.string().optional(),
  COMPATIBLE_BASE_URL: z.url().optional(),
  /** Where mail goes out; without it nothing is mailed. */
  SMTP_HOST: z.string().optional(),
  /** 465 speaks TLS from the first byte on. */
  SMTP_PORT: port.default(587),
  SMTP_USER: z.string().optional(),
  SMTP_PASS: z.string().optional(),
  /** An address, or `Name <address>`. */
  SMTP_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'must be an e-mail address')
    .optional(),
  /** Told everything by e-mail; several addresses with commas between them. */
  ADMIN_EMAIL: z.string().optional(),
  /** With it the first address of ADMIN_EMAIL is made the first admin. */
  ADMIN_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
  /** Speaks for the default organization alone. */
  SLACK_BOT_TOKEN: z.string().optional(),
  SLACK_API_URL: z.url({ protocol: /^https?$/ }).default('https://slack.com/api'),
  /** A channel that is told everything. */
  SLACK_CHANNEL_ALERTS: z.string().optional(),
  /** A channel that is told what is spent on models. */
  SLACK_CHANNEL_AI_COSTS: z.string().optional(),
  /** Channels of the default organization, as JSON; in the file `notificationChannels`. */
  BURSAR_NOTIFICATION_CHANNELS: json.pipe(notificationChannels).optional(),
  /** Whether webhooks may lead into private networks. */
  BURSAR_ALLOW_PRIVATE_WEBHOOKS: flag,
  /** With it secrets of providers and channels are stored; API and workers must share it. */
  BURSAR_ENCRYPTION_KEY: encryptionKey.optional(),
  /** What tokens of people are signed with; all API processes must share it. */
  BURSAR_AUTH_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** How long people stay signed in. */
  BURSAR_SIGN_IN_TTL: duration(60_000, 30 * 86_400_000).default(3_600_000),
  /** A provider of OpenID Connect at which people sign in. */
  OIDC_ISSUER: z
    .url()
    .regex(/^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/, 'must be https, or on this machine')
    .optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  /** Where the provider sends people back, if not to the address at which they asked. */
  OIDC_REDIRECT_URI: z.url().optional(),
  /** The claim that names roles: `viewer`, `operator` or `admin`. */
  OIDC_ROLE_CLAIM: z.string().optional(),
  /** The role of people for whom the provider names none; without it they must have been invited. */
  OIDC_DEFAULT_ROLE: z.enum(ROLES).optional(),
  /** Whether a proxy that can be believed writes `X-Forwarded-For`. */
  BURSAR_TRUST_PROXY: flag,
  /** Whether memories are enriched at all. */
  ENRICHMENT_WORKER_ENABLED: z.stringbool().default(true),
  /** From one take of ten memories to the next. */
  ENRICHMENT_POLL_INTERVAL_MS: z.coerce.number().int().min(10).max(3_600_000).default(5_000),
  /** The model that makes vectors of memories. */
  BURSAR_EMBEDDING_MODEL: z.string().default('offline/text-embedding-3-small'),
  /** For rehearsals: workers live so far ahead. */
  BURSAR_CLOCK_OFFSET_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(400 * 86_400_000)
    .default(0),
  /** How long a run that failed for a reason that may go away waits before each further try of it. */
  BURSAR_RUN_RETRY_DELAYS: retryDelays.default([60_000, 300_000, 900_000]),
  /** How long a call to a model may take. */
  BURSAR_LLM_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(180_000),
  /**
   * Set by a parent that wants this process to end with it: the process ends when its standard input closes.
   */
  BURSAR_ENDS_WITH_PARENT: flag,
});

export type Environment = z.infer<typeof schema>;

/**
 * The environment over the configuration file over the defaults.
 * @throws AppError `invalid_input` that names each wrong variable.
 */
export function readEnvironment(variables: NodeJS.ProcessEnv, directory = process.cwd()): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const given = { ...readConfigurationFile(variables, directory), ...set };
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const details = detailsOf(parsed.error.issues);
  const list = details.map((detail) => `${detail.field}: ${detail.problem}`).join('; ');
  throw invalidInput(`environment variables are not valid: ${list}`, details);
}
