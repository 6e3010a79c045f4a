import { Argument, type Command, Option } from 'commander';
import { KEY_SCOPES } from '../domain/key-scope.ts';
import { ROLES, type Role } from '../domain/principal.ts';
import type { LoginOptions } from './commands/accounts.ts';
import { wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const loadKeys = () => import('./commands/keys.ts');
const load = () => import('./commands/accounts.ts');
const roleOption = (usual: Role) =>
  new Option('--role <role>', 'what they may do').choices([...ROLES]).default(usual);
const keyId = () => new Argument('<key>', 'id of the key');
const MAX_GRACE_SECONDS = 604_800;

/** `bursar login|logout|whoami`, `bursar people …` */
export function addAccountCommands(program: Command, carry: Carry): void {
  program
    .command('login')
    .description('sign in at an API; the password is asked for, or read from BURSAR_PASSWORD')
    .option('--email <address>', 'who signs in')
    .option('--org <id>', 'the organization, for people who belong to several')
    .option('--invitation', 'use an invitation, which is asked for, or read from BURSAR_INVITATION')
    .action(acts<[LoginOptions]>(carry, async () => (await load()).login));
  program
    .command('logout')
    .description('end this sign-in')
    .action(acts<[unknown]>(carry, async () => (await load()).logout));
  program
    .command('whoami')
    .description('who asks the API, and with which role')
    .action(acts<[unknown]>(carry, async () => (await load()).whoAmI));
  const people = program.command('people').description('who belongs to the organization (for admins)');
  people
    .command('list')
    .description('people, and those who are invited')
    .action(acts<[unknown]>(carry, async () => (await load()).listPeople));
  people
    .command('invite')
    .description('make an invitation and show its token once')
    .argument('<email>', 'whom')
    .addOption(roleOption('operator'))
    .action(acts<[string, { role: Role }]>(carry, async () => (await load()).invitePerson));
  people
    .command('role')
    .description('change what somebody may do')
    .argument('<person>', 'e-mail address or id')
    .addArgument(new Argument('<role>', 'what they may do').choices([...ROLES]))
    .action(acts<[string, Role, unknown]>(carry, async () => (await load()).changeRole));
  people
    .command('remove')
    .description('let somebody in no more')
    .argument('<person>', 'e-mail address or id')
    .action(acts<[string, unknown]>(carry, async () => (await load()).removePerson));
}

/** `bursar keys …` */
export function addKeyCommands(keys: Command, carry: Carry): void {
  keys
    .command('list')
    .description('names, roles and limits; the keys themselves are never shown again')
    .action(acts<[unknown]>(carry, async () => (await loadKeys()).listKeys));
  keys
    .command('create')
    .description('make a key and show it once')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices([...ROLES]).default('operator'))
    .addOption(new Option('--scope <scope...>', 'limit it, e.g. jobs:write budgets:read').choices(KEY_SCOPES))
    .option('--expires <time>', 'when it ends, e.g. 2027-01-31T00:00:00Z')
    .action(
      acts<[string, { role: Role; scope?: string[]; expires?: string }]>(
        carry,
        async () => (await loadKeys()).createKey,
      ),
    );
  keys
    .command('rotate')
    .description('put a new key in the place of one and show it once')
    .addArgument(keyId())
    .addOption(
      new Option('--grace <seconds>', 'so long the old one stays valid')
        .argParser(wholeNumberFrom(0, MAX_GRACE_SECONDS))
        .default(0),
    )
    .action(acts<[string, { grace: number }]>(carry, async () => (await loadKeys()).rotateKey));
  keys
    .command('revoke')
    .description('make a key worthless at once')
    .addArgument(keyId())
    .action(acts<[string, unknown]>(carry, async () => (await loadKeys()).revokeKey));
}
