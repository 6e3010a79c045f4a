import { Argument, type Command, Option } from 'commander';
import { MAX_CONCURRENCY, RUN_STATES } from '../domain/run.ts';
import type { CommandContext } from './context.ts';
import { wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { addAccountCommands, addKeyCommands } from './program-accounts.ts';
import { addAlertCommands } from './program-alerts.ts';
import { addBatchCommands } from './program-batches.ts';
import { addChannelCommands } from './program-channels.ts';
import { addIntelligenceCommands, addQueueCommands } from './program-intelligence.ts';
import { addMemoryCommands } from './program-memories.ts';
import { addProviderCommands } from './program-providers.ts';
import { addRetentionCommands } from './program-retention.ts';
import { addScheduleCommands } from './program-schedules.ts';

/** `bursar runs|documents|projects|keys …` */
export function addResourceCommands(program: Command, carry: Carry): void {
  addRunCommands(program.command('runs').description('look at runs and control them'), carry);
  addRunControls(program.commands.find((command) => command.name() === 'runs') ?? program, carry);
  addDocumentsCommands(
    program.command('documents').description('look at documents, approve and export them'),
    carry,
  );
  addProjectCommands(
    program.command('projects').description('look at the projects that were uploaded'),
    carry,
  );
  addKeyCommands(program.command('keys').description('API keys (for admins)'), carry);
  addAccountCommands(program, carry);
  addIntelligenceCommands(
    program.command('intelligence').description('what documents say about companies'),
    carry,
  );
  addBatchCommands(program.command('batch').description('many runs at once, from a file'), carry);
  addQueueCommands(program.command('queue').description('runs that wait, and how they go through'), carry);
  addMemoryCommands(program.command('memories').description('texts that are to be remembered'), carry);
  addScheduleCommands(program.command('schedules').description('runs that start again and again'), carry);
  addRetentionCommands(program.command('retention').description('archives of old rows (for admins)'), carry);
  addAlertCommands(program.command('alerts').description('what people should know'), carry);
  addChannelCommands(program.command('channels').description('where people are told'), carry);
  addProviderCommands(program.command('providers').description('providers of models, and their keys'), carry);
}

type Act<Arguments extends unknown[]> = (context: CommandContext, ...given: Arguments) => Promise<number>;

/** Hands the arguments on; the action's own module is loaded when it runs. */
export function acts<Arguments extends unknown[]>(carry: Carry, load: () => Promise<Act<Arguments>>) {
  return (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    const ours = given.slice(0, -1) as Arguments;
    return carry(command.optsWithGlobals(), async (context) => (await load())(context, ...ours));
  };
}

const runId = new Argument('<run>', 'id of the run');

function addRunCommands(runs: Command, carry: Carry): void {
  const looks = () => import('./commands/runs.ts');
  runs
    .command('list')
    .description('the newest first')
    .addOption(new Option('--state <state>', 'only these').choices([...RUN_STATES]))
    .option('--limit <number>', 'how many', wholeNumberFrom(1, 100), 20)
    .action(acts<[{ state?: string; limit: number }]>(carry, async () => (await looks()).listRuns));
  runs
    .command('show')
    .description('state, progress, cost and failures')
    .addArgument(runId)
    .action(acts<[string, unknown]>(carry, async () => (await looks()).showRun));
  runs
    .command('watch')
    .description('follow the progress until the run ends; Ctrl-C leaves the run alone')
    .addArgument(runId)
    .option('--wait', 'stay while the run waits for a budget or an approval')
    .action(acts<[string, { wait?: boolean }]>(carry, async () => (await looks()).watchRun));
  runs
    .command('errors')
    .description('failures grouped by their fingerprint')
    .addArgument(runId)
    .action(acts<[string, unknown]>(carry, async () => (await looks()).listErrors));
}

function addRunControls(runs: Command, carry: Carry): void {
  const controls = () => import('./commands/run-controls.ts');
  runs
    .command('pause')
    .description('let no new object start')
    .addArgument(runId)
    .action(acts<[string, unknown]>(carry, async () => (await controls()).pauseRun));
  runs
    .command('resume')
    .description('go on with a run that is paused or waits as failing')
    .addArgument(runId)
    .action(acts<[string, unknown]>(carry, async () => (await controls()).resumeRun));
  runs
    .command('cancel')
    .description('end a run and abort its calls')
    .addArgument(runId)
    .action(acts<[string, unknown]>(carry, async () => (await controls()).cancelRun));
  runs
    .command('retry')
    .description('show what trying failed objects again would cost, and do it')
    .addArgument(runId)
    .option('--fingerprint <fingerprint>', 'only failures of this kind')
    .option('-y, --yes', 'start without asking')
    .action(
      acts<[string, { fingerprint?: string; yes?: boolean }]>(carry, async () => (await controls()).retryRun),
    );
  runs
    .command('set-concurrency')
    .description('change how many objects are under way at a time')
    .addArgument(runId)
    .argument('<number>', `1 to ${MAX_CONCURRENCY}`, wholeNumberFrom(1, MAX_CONCURRENCY))
    .action(acts<[string, number, unknown]>(carry, async () => (await controls()).setConcurrency));
}

function addDocumentsCommands(documents: Command, carry: Carry): void {
  const load = () => import('./commands/documents.ts');
  const project = () => new Option('--project <id>', 'id or name of the project').makeOptionMandatory();
  const states = ['proposed', 'approved', 'rejected', 'superseded'];
  documents
    .command('list')
    .description('versions of the documents of a project')
    .addOption(project())
    .addOption(new Option('--state <state>', 'only these').choices(states))
    .action(acts<[{ project: string; state?: never }]>(carry, async () => (await load()).listDocuments));
  for (const decision of ['approve', 'reject'] as const) {
    documents
      .command(decision)
      .description(`${decision} one proposal, or all of a project`)
      .argument('[document]', 'id of the document')
      .option('--all', 'all proposals of --project')
      .option('--project <id>', 'id or name of the project')
      .option('--run <id>', 'only those that this run wrote')
      .action(
        acts<[string | undefined, { all?: boolean; project?: string; run?: string }]>(carry, async () => {
          const { decideDocuments } = await load();
          return (context, id, options) => decideDocuments(context, decision, id, options);
        }),
      );
  }
  documents
    .command('export')
    .description('write Markdown pages and patched yml files')
    .addOption(project())
    .requiredOption('--out <folder>', 'where the files go')
    .addOption(
      new Option('--state <state>', 'which versions').choices(['latest', 'approved']).default('latest'),
    )
    .action(
      acts<[{ project: string; out: string; state: 'latest' | 'approved' }]>(
        carry,
        async () => (await load()).exportDocuments,
      ),
    );
}

function addProjectCommands(projects: Command, carry: Carry): void {
  const load = () => import('./commands/projects.ts');
  projects
    .command('list')
    .description('all that were uploaded')
    .action(acts<[unknown]>(carry, async () => (await load()).listProjects));
  projects
    .command('show')
    .description('what it consists of, and what was read around')
    .argument('<project>', 'id or name of the project')
    .action(acts<[string, unknown]>(carry, async () => (await load()).showProject));
}
