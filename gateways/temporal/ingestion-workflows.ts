import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { INGESTION_WORKFLOW, type IngestionInput } from '../../workflows/messages.ts';
import { statusOf, unavailable } from './outcome.ts';

export type IngestionWorkflows = ReturnType<typeof createIngestionWorkflows>;

/** The workflows that bring in files of jobs. */
export function createIngestionWorkflows({ client, taskQueue }: { client: Client; taskQueue: string }) {
  const { workflow } = client;
  const workflowIdOf = (ingestion: string) => `ingestion:${ingestion}`;
  return {
    /** Starts one; one that was started before is left alone, also when it has ended. */
    async start(org: string, ingestion: string): Promise<void> {
      const input: IngestionInput = { org, ingestion };
      try {
        await workflow.start(INGESTION_WORKFLOW, {
          workflowId: workflowIdOf(ingestion),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          taskQueue,
          args: [input],
          priority: { fairnessKey: org },
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw unavailable(error);
      }
    },
    statusOf: (ingestion: string) => statusOf(workflow.getHandle(workflowIdOf(ingestion))),
  };
}
