import { benchMoney } from './money.ts';
import { benchRun } from './run.ts';

/**
 * Each ends within 40 s, services included, and returns figures that mean something as ratios within one run.
 */
const BENCHES: Record<string, (note: (line: string) => void) => Promise<unknown>> = {
  run: benchRun,
  money: benchMoney,
};

/** `npm run bench -- NAME [--json]`. */
async function main(args: string[]): Promise<number> {
  const json = args.includes('--json');
  const [name] = args.filter((argument) => !argument.startsWith('--'));
  const bench = name === undefined ? undefined : BENCHES[name];
  if (bench === undefined || args.includes('--help')) {
    process.stderr.write(
      `usage: npm run bench -- NAME [--json]\nbenches: ${Object.keys(BENCHES).join(', ')}\n`,
    );
    return args.includes('--help') ? 0 : 2;
  }
  const figures = await bench((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(figures, null, json ? undefined : 2)}\n`);
  return 0;
}

process.exit(await main(process.argv.slice(2)));
