import { AppError } from '../../domain/errors.ts';
import { benchForecast } from './forecast.ts';
import { benchJobs } from './jobs.ts';
import { benchMoney } from './money.ts';
import { benchRun } from './run.ts';

/**
 * Each ends within 40 s, services included, and returns figures that mean something as ratios within one run.
 * Those of `forecast` are of the files that it is given; those of `jobs` take as long as the jobs are many.
 */
const BENCHES: Record<
  string,
  (note: (line: string) => void, args: readonly string[]) => unknown | Promise<unknown>
> = {
  run: benchRun,
  money: benchMoney,
  forecast: benchForecast,
  jobs: benchJobs,
};

const USAGE = `jobs: --count N, by default 1,000,000, which take minutes
      --scattered, in no order, and everybody does everything
forecast: --file F [--window 28] [--horizon 14] [--step 7], a CSV of date,value
          --m4 TRAIN TEST [--season 24], files of the M4 competition
`;

/** `npm run bench -- NAME [--json]`. */
async function main(args: string[]): Promise<number> {
  const json = args.includes('--json');
  const [name] = args.filter((argument) => !argument.startsWith('--'));
  const bench = name === undefined ? undefined : BENCHES[name];
  if (bench === undefined || args.includes('--help')) {
    process.stderr.write(
      `usage: npm run bench -- NAME [--json]\nbenches: ${Object.keys(BENCHES).join(', ')}\n${USAGE}`,
    );
    return args.includes('--help') ? 0 : 2;
  }
  const figures = await bench((line) => process.stderr.write(`${line}\n`), args);
  process.stdout.write(`${JSON.stringify(figures, null, json ? undefined : 2)}\n`);
  return 0;
}

/** What is wrong with what was given is said in a line; anything else is a mistake of the bench. */
function explain(error: unknown): number {
  const isUsage = error instanceof Error && /^ERR_PARSE_ARGS/.test(String(Object(error).code));
  if (!(error instanceof AppError) && !isUsage) throw error;
  process.stderr.write(`${error instanceof AppError ? error.publicMessage : error.message}\n`);
  return 2;
}

process.exit(await main(process.argv.slice(2)).catch(explain));
