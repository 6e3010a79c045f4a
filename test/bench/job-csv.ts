const TEAMS = 12;
const USERS = 200;
const QUEUES = 8;
const DAYS = 365;
const FIRST_DAY_MS = Date.UTC(2025, 0, 1);
const DAY_SECONDS = 86_400;
const MODELS = [
  'LLaMA-3-70B',
  'GPT-J',
  'BERT-large',
  'Stable-Diffusion-XL',
  'Whisper',
  'Mixtral-8x7B',
].concat(['T5-11B', 'CLIP', 'ResNet-152', 'Falcon-40B']);
const PROVIDERS = ['aws', 'gcp', 'azure', 'on-prem'];
const GPUS = ['a100', 'h100', 'v100', 't4', 'l4', 'a10g'];
const KINDS = ['training', 'inference', 'evaluation'];
const STATUSES = ['completed', 'completed', 'completed', 'completed', 'failed', 'cancelled'];
const LINES_AT_ONCE = 500;

/** The days that the jobs are of. */
export const JOB_SPAN = { start: '2025-01-01', end: '2025-12-31' };

/**
 * So many jobs of a year as CSV, the same ones every time: teams, users and models of very different sizes,
 * durations from minutes to half a day, costs by GPU-hours. As a scheduler logs them: in order of their
 * start, and each user has habits, a queue and provider, some models, of which they use one most. `scattered`
 * is the worst that can come: in no order, and everybody does everything. Some lines at a time.
 */
export function* jobCsv(count: number, scattered = false): Generator<string> {
  const random = createRandom(42);
  // Squared: the first of each are the busiest.
  const pick = (of: number) => Math.floor(random() ** 2 * of);
  yield `${COLUMNS.join(',')}\n`;
  for (let made = 0; made < count; made += LINES_AT_ONCE) {
    const lines = Array.from({ length: Math.min(LINES_AT_ONCE, count - made) }, (_, index) => {
      const user = pick(USERS);
      // One job in ten is unlike what its user does else.
      const isUsual = !scattered && random() < 0.9;
      const habit = (of: number, usual: number) => (isUsual ? usual % of : pick(of));
      const share = scattered ? random() : (made + index + random()) / count;
      const at = Math.floor(share * DAYS * DAY_SECONDS);
      // All within the year, in which the last ones end at the last second.
      const seconds = Math.min(60 + Math.floor(random() ** 3 * 43_200), DAYS * DAY_SECONDS - 1 - at);
      const gpus = 2 ** Math.floor(random() * 4);
      const gpu = pick(GPUS.length);
      const model = habit(MODELS.length, user + pick(3));
      return [
        `job-${(made + index).toString(36).padStart(6, '0')}`,
        `team-${user % TEAMS}`,
        MODELS[model],
        PROVIDERS[habit(PROVIDERS.length, user)],
        GPUS[gpu],
        timeOf(at),
        timeOf(at + seconds),
        STATUSES[Math.floor(random() * STATUSES.length)],
        `user-${user}`,
        `queue-${habit(QUEUES, user)}`,
        KINDS[habit(KINDS.length, model)],
        gpus,
        (((Math.max(1, seconds) * gpus) / 3_600) * (0.5 + gpu)).toFixed(6),
      ].join();
    });
    yield `${lines.join('\n')}\n`;
  }
}

const COLUMNS = [
  'job_id',
  'team_name',
  'model_name',
  'provider',
  'gpu_type',
  'start_time',
  'end_time',
].concat(['status', 'user', 'queue', 'kind', 'gpu_count', 'cost_usd']);

function timeOf(seconds: number): string {
  return new Date(FIRST_DAY_MS + seconds * 1000).toISOString().replace('.000', '');
}

function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
