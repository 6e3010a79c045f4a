import { Argument, type Command } from 'commander';
import { VENDOR_NAMES, type VendorName } from '../domain/model-name.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const load = () => import('./commands/providers.ts');
const provider = () => new Argument('<provider>').choices(VENDOR_NAMES);

/** `bursar providers …` */
export function addProviderCommands(providers: Command, carry: Carry): void {
  providers
    .command('list')
    .description('who there is, and where their keys come from')
    .action(acts<[unknown]>(carry, async () => (await load()).listProviders));
  providers
    .command('set-key')
    .description('store an API key, encrypted; it is read from standard input (for admins)')
    .addArgument(provider())
    .option('--base-url <url>', 'where the provider is reached, e.g. http://localhost:11434/v1')
    .option('--no-key', 'only the address, for servers that need no key')
    .action(
      acts<[VendorName, { baseUrl?: string; key: boolean }]>(carry, async () => {
        const { setProviderKey } = await load();
        return (context, name, { key, ...options }) =>
          setProviderKey(context, name, { ...options, keyless: !key });
      }),
    );
  providers
    .command('remove-key')
    .description('forget what was stored (for admins)')
    .addArgument(provider())
    .action(acts<[VendorName, unknown]>(carry, async () => (await load()).removeProviderKey));
  providers
    .command('test')
    .description('make one cheap call, and show how long it took and what it cost (for admins)')
    .addArgument(provider())
    .option('--model <name>', 'another one than the cheapest usual')
    .action(acts<[VendorName, { model?: string }]>(carry, async () => (await load()).testProvider));
  providers
    .command('limits')
    .description('what providers let through, and how much of it is used')
    .action(acts<[unknown]>(carry, async () => (await load()).listLimits));
}
