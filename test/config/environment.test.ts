import { readEnvironment } from '../../config/environment.ts';
import { AppError } from '../../domain/errors.ts';

function problemOf(variables: NodeJS.ProcessEnv): AppError {
  try {
    readEnvironment(variables);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('readEnvironment', () => {
  test('has a default for all that is needed', () => {
    expect(readEnvironment({})).toEqual({
      TEMPORAL_ADDRESS: '127.0.0.1:7233',
      TEMPORAL_NAMESPACE: 'default',
      MONGODB_URI: 'mongodb://127.0.0.1:27017/bursar',
      BURSAR_HOST: '127.0.0.1',
      BURSAR_PORT: 3000,
      BURSAR_TASK_QUEUE: 'bursar',
      BURSAR_MODEL: 'offline/gpt-5-mini',
      BURSAR_WORKER_SLOTS: 100,
      BURSAR_FLUSH_INTERVAL: 1_000,
      BURSAR_DEFAULT_ORGANIZATION: 'default',
      BURSAR_DEBUG: false,
      BURSAR_RETENTION_DAYS: 365,
      BURSAR_LOG_LEVEL: 'info',
      BURSAR_LLM_TIMEOUT_MS: 180_000,
      BURSAR_RUN_RETRY_DELAYS: [60_000, 300_000, 900_000],
      BURSAR_EMBEDDING_MODEL: 'offline/text-embedding-3-small',
      BURSAR_CLOCK_OFFSET_MS: 0,
      SMTP_PORT: 587,
      SLACK_API_URL: 'https://slack.com/api',
      BURSAR_ALLOW_PRIVATE_WEBHOOKS: false,
      ENRICHMENT_WORKER_ENABLED: true,
      ENRICHMENT_POLL_INTERVAL_MS: 5_000,
      BURSAR_SIGN_IN_TTL: 3_600_000,
      BURSAR_TRUST_PROXY: false,
      BURSAR_ENDS_WITH_PARENT: false,
    });
  });

  test('takes an empty string for a variable that is not set', () => {
    const empty = Object.fromEntries(Object.keys(readEnvironment({})).map((name) => [name, '']));
    const more = { BURSAR_ADMIN_KEY: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '', TEMPORAL_UI_URL: '' };
    expect(readEnvironment({ ...empty, ...more })).toEqual(readEnvironment({}));
  });

  test('reads numbers, switches and addresses', () => {
    const given = { BURSAR_PORT: '0', BURSAR_WORKER_SLOTS: '8', BURSAR_ENDS_WITH_PARENT: 'true' };
    const environment = readEnvironment({
      ...given,
      MONGODB_URI: 'mongodb+srv://example.test/x',
      PATH: '/bin',
    });
    expect(environment).toMatchObject({
      BURSAR_PORT: 0,
      BURSAR_WORKER_SLOTS: 8,
      BURSAR_ENDS_WITH_PARENT: true,
    });
    expect(environment).not.toHaveProperty('PATH');
  });

  test.each([
    ['MONGODB_URI', 'http://127.0.0.1', /must start with mongodb/],
    ['TEMPORAL_UI_URL', 'temporal', /URL/],
    ['OPENAI_BASE_URL', 'api', /URL/],
    ['BURSAR_PORT', '65536', /65535/],
    ['BURSAR_PORT', '-1', /0/],
    ['BURSAR_PORT', 'http', /number/],
    ['BURSAR_PORT', '80.5', /int/],
    ['BURSAR_WORKER_HEALTH_PORT', 'x', /number/],
    ['BURSAR_WORKER_SLOTS', '0', /1/],
    ['BURSAR_WORKER_SLOTS', '1001', /1000/],
    ['BURSAR_ADMIN_KEY', 'short', /16 characters/],
    ['BURSAR_AUTH_SECRET', 'too-short', /32 characters/],
    ['BURSAR_SIGN_IN_TTL', '1s', /60000/],
    ['ADMIN_PASSWORD', 'short', /12 characters/],
    ['BURSAR_LOG_LEVEL', 'loud', /"debug"/],
    ['BURSAR_LLM_TIMEOUT_MS', '99', /100/],
    ['SMTP_PORT', 'smtp', /number/],
    ['SMTP_FROM', 'nobody', /e-mail address/],
    ['SLACK_API_URL', 'slack', /URL/],
    ['BURSAR_NOTIFICATION_CHANNELS', '[', /JSON/],
    ['BURSAR_ENDS_WITH_PARENT', 'perhaps', /true/i],
  ])('refuses %s=%s and names it', (name, value, problem) => {
    const error = problemOf({ [name]: value });
    expect(error.code).toBe('invalid_input');
    expect(error.details).toEqual([{ field: name, problem: expect.stringMatching(problem) }]);
    expect(error.publicMessage).toContain(`${name}: `);
  });

  test('names every wrong variable at once, and tells no value of a secret', () => {
    const error = problemOf({
      BURSAR_PORT: 'x',
      BURSAR_ADMIN_KEY: 'hunter2',
      MONGODB_URI: 'user:hunter3@host',
    });
    expect(error.details.map(({ field }) => field).toSorted()).toEqual([
      'BURSAR_ADMIN_KEY',
      'BURSAR_PORT',
      'MONGODB_URI',
    ]);
    expect(JSON.stringify([error.publicMessage, error.details])).not.toMatch(/hunter/);
  });
});
