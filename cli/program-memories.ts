import { Argument, type Command, Option } from 'commander';
import { MEMORY_STATES } from '../domain/memory.ts';
import { wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const load = () => import('./commands/memories.ts');
const limit = (usual: number) =>
  new Option('--limit <number>', 'how many').argParser(wholeNumberFrom(1, 100)).default(usual);

/** `bursar memories …` */
export function addMemoryCommands(memories: Command, carry: Carry): void {
  memories
    .command('add')
    .description('add a text, which is classified and embedded soon')
    .argument('<text>', 'up to 8,000 characters')
    .option('--type <type>', 'what it is, e.g. note')
    .option('--user <name>', 'whose it is')
    .action(acts<[string, { type?: string; user?: string }]>(carry, async () => (await load()).addMemory));
  memories
    .command('list')
    .description('the newest first')
    .option('--user <name>', 'only of this user')
    .option('--label <label>', 'only with this label')
    .addOption(new Option('--state <state>', 'only these').choices([...MEMORY_STATES]))
    .addOption(limit(20))
    .action(
      acts<[{ limit: number; user?: string; label?: string; state?: string }]>(
        carry,
        async () => (await load()).listMemories,
      ),
    );
  memories
    .command('search')
    .description('by meaning; one call of the embedding model')
    .argument('<text>', 'what to look for')
    .option('--user <name>', 'only of this user')
    .addOption(limit(10))
    .action(
      acts<[string, { limit: number; user?: string }]>(carry, async () => (await load()).searchMemories),
    );
  memories
    .command('delete')
    .description('forget a memory')
    .addArgument(new Argument('<memory>', 'id of the memory'))
    .action(acts<[string, unknown]>(carry, async () => (await load()).deleteMemory));
}
