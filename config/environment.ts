import { z } from 'zod';
import { invalidInput } from '../domain/errors.ts';
import { detailsOf } from '../domain/issues.ts';

const port = z.coerce.number().int().min(0).max(65535);

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
  /** The model of runs that name none. */
  BURSAR_MODEL: z.string().default('offline/gpt-5-mini'),
  BURSAR_WORKER_HEALTH_PORT: port.optional(),
  /** How many activities one worker process carries out at a time. */
  BURSAR_WORKER_SLOTS: z.coerce.number().int().min(1).max(1000).default(100),
  /** How often entries are brought into the counters of budgets and the daily costs. */
  BURSAR_FLUSH_INTERVAL_MS: z.coerce.number().int().min(50).max(3_600_000).default(1_000),
  BURSAR_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url().optional(),
  /** How long a call to a model may take. */
  BURSAR_LLM_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(180_000),
  /**
   * Set by a parent that wants this process to end with it: the process ends when its standard input closes.
   */
  BURSAR_ENDS_WITH_PARENT: z.stringbool().default(false),
});

export type Environment = z.infer<typeof schema>;

/** @throws AppError `invalid_input` that names each wrong variable. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const details = detailsOf(parsed.error.issues);
  const list = details.map((detail) => `${detail.field}: ${detail.problem}`).join('; ');
  throw invalidInput(`environment variables are not valid: ${list}`, details);
}
