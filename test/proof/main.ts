import { alertsProof } from './alerts.ts';
import { chaos } from './chaos.ts';
import { crashLoop } from './crash-loop.ts';
import { halfBudget } from './half-budget.ts';
import { holdsRace } from './holds-race.ts';
import { ingestKill } from './ingest-kill.ts';
import { killProofs } from './kill.ts';
import { ledgerProof } from './ledger-property.ts';
import { manyObjects } from './many-objects.ts';
import { memoriesProof } from './memories.ts';
import type { Proof } from './proof.ts';
import { report } from './report.ts';
import { storm } from './storm.ts';

const PROOFS: Record<string, Proof> = {
  ...killProofs,
  alerts: alertsProof,
  chaos,
  'crash-loop': crashLoop,
  'holds-race': holdsRace,
  'ingest-kill': ingestKill,
  'half-budget': halfBudget,
  'many-objects': manyObjects,
  'ledger-property': ledgerProof,
  report,
  storm,
  memories: memoriesProof,
};

const USAGE = 'usage: npm run proof -- NAME… [--json] | --all | --list\n';

/**
 * `npm run proof -- NAME`: the full form of what the tests check in a small one. Exit code 1 where a claim
 * fails.
 */
async function main(args: string[]): Promise<number> {
  const list = Object.entries(PROOFS).map(([name, { title }]) => `${name}: ${title}\n`);
  const named = args.filter((argument) => !argument.startsWith('--'));
  const names = args.includes('--all') ? Object.keys(PROOFS) : named;
  if (args.includes('--list')) {
    process.stdout.write(list.join(''));
    return 0;
  }
  const unknown = names.filter((name) => PROOFS[name] === undefined);
  if (names.length === 0 || unknown.length > 0) {
    process.stderr.write(`${USAGE}${list.join('')}`);
    return args.includes('--help') ? 0 : 2;
  }
  let failed = false;
  const figures: Record<string, object> = {};
  for (const name of names) {
    process.stderr.write(`${name}: ${PROOFS[name]?.title}\n`);
    try {
      figures[name] = (await PROOFS[name]?.prove()) ?? {};
    } catch (error) {
      failed = true;
      figures[name] = { error: error instanceof Error ? error.message : String(error) };
    }
  }
  const indent = args.includes('--json') ? undefined : 2;
  process.stdout.write(`${JSON.stringify(figures, null, indent)}\n`);
  return failed ? 1 : 0;
}

process.exit(await main(process.argv.slice(2)));
