import { NativeConnection, Worker } from '@temporalio/worker';
import { readEnvironment } from '../../config/environment.ts';
import { bundleWorkflows } from '../../worker/workflow-bundle.ts';

/** A worker with the options of ours, whose one activity does nothing. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: environment.TEMPORAL_ADDRESS }),
    taskQueue: environment.BURSAR_TASK_QUEUE,
    workflowBundle: await bundleWorkflows(new URL('./bare-workflow.ts', import.meta.url).pathname),
    activities: { nothing: async () => {} },
    maxConcurrentActivityTaskExecutions: environment.BURSAR_WORKER_SLOTS,
  });
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  await worker.run();
}

await main();
