import { Client, Connection } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { workflowIdOf } from '../../workflows/messages.ts';

type Event = temporal.api.history.v1.IHistoryEvent;

/** One execution of a run's workflow. */
export interface Execution {
  id: string;
  events: Event[];
}

/** A client of the Temporal server of the tests, or of another one. */
export async function openTemporal(address = process.env.BURSAR_TEST_TEMPORAL ?? '') {
  const connection = await Connection.connect({ address });
  return { client: new Client({ connection }), close: () => connection.close() };
}

/** The executions of a run's present round in order: each continues the one before as new. */
export async function executionsOf(client: Client, runId: string): Promise<Execution[]> {
  const chain: Execution[] = [];
  const workflowId = workflowIdOf(runId);
  let id: string | null | undefined = (await client.workflow.getHandle(workflowId).describe()).runId;
  while (id) {
    const { events } = await client.workflow.getHandle(workflowId, id).fetchHistory();
    chain.unshift({ id, events: events ?? [] });
    id = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return chain;
}

export interface ScheduledActivity {
  eventId: number;
  /** The event of the workflow task that scheduled it. */
  decidedBy: number;
  name: string;
  input: Record<string, unknown>;
  /** Event with which it ended; Infinity while it is open. */
  endedBy: number;
}

/** All activities of an execution. */
export function activitiesIn(events: Event[]): ScheduledActivity[] {
  const ends = new Map<number, number>();
  for (const event of events) {
    const end =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      event.activityTaskTimedOutEventAttributes;
    if (end != null) ends.set(Number(end.scheduledEventId), Number(event.eventId));
  }
  return events.flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled == null) return [];
    const eventId = Number(event.eventId);
    const data = scheduled.input?.payloads?.[0]?.data;
    return {
      eventId,
      decidedBy: Number(scheduled.workflowTaskCompletedEventId),
      name: scheduled.activityType?.name ?? '',
      input: data == null ? {} : (JSON.parse(Buffer.from(data).toString()) as Record<string, unknown>),
      endedBy: ends.get(eventId) ?? Number.POSITIVE_INFINITY,
    };
  });
}

/** The completed workflow tasks that were the first to see each signal of this name. */
export function tasksThatSaw(events: Event[], signalName: string): number[] {
  return events
    .filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === signalName)
    .map((signal) => {
      const after = events.filter((event) => Number(event.eventId) > Number(signal.eventId));
      const started = after.find((event) => event.workflowTaskStartedEventAttributes != null);
      const completed = after.find(
        (event) =>
          event.workflowTaskCompletedEventAttributes != null &&
          Number(event.workflowTaskCompletedEventAttributes.startedEventId) >= Number(started?.eventId),
      );
      return Number(completed?.eventId ?? Number.POSITIVE_INFINITY);
    });
}

/** Everything readable in a history: texts, and payloads decoded. */
export function textsIn(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString()}\n`;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textsIn).join('');
}
