import type { Command } from 'commander';
import type { CostOptions } from './commands/costs.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const FILE = `
The file is CSV or a JSON array of: entry_date, provider, gpu_type, cost_usd, and optionally gpu_hours, which
says how many were paid for: what jobs have not used of them is idle.`;

/** `bursar gpu-costs …` */
export function addGpuCostCommands(program: Command, carry: Carry): void {
  const gpuCosts = program
    .command('gpu-costs')
    .description('what GPUs have cost by day, from bills: jobs get their shares of it');
  gpuCosts
    .command('add <file>')
    .description('bring in costs; the same again changes nothing, another cost is allocated anew')
    .addHelpText('after', FILE)
    .action(acts<[string]>(carry, async () => (await import('./commands/gpu-costs.ts')).addGpuCosts));
  gpuCosts
    .command('list')
    .description('what was allocated to jobs, and what was idle; the last thirty days unless told otherwise')
    .option('--start <day>', 'the first day, YYYY-MM-DD')
    .option('--end <day>', 'the last day, YYYY-MM-DD')
    .action(
      acts<[Pick<CostOptions, 'start' | 'end'>]>(
        carry,
        async () => (await import('./commands/gpu-costs.ts')).listGpuCosts,
      ),
    );
}
