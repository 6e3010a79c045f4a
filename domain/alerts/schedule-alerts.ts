import type { NewAlert } from './alert.ts';

/** A schedule that could not start its run, as its alert sees it. */
interface FailingSchedule {
  _id: string;
  org: string;
  name: string;
  lastError?: { at: Date; scheduledAt: Date; code: string; message: string };
}

/** Holds until the schedule starts a run again, or is deleted. */
export function scheduleAlert({ _id, org, name, lastError }: FailingSchedule): NewAlert {
  const { at = new Date(0), scheduledAt = at, code = '', message = '' } = lastError ?? {};
  return {
    org,
    type: 'schedule_failed',
    key: _id,
    lasting: true,
    severity: 'warning',
    title: `The schedule ${name} could not start its run`,
    text: `${message.replace(/\.?$/, '.')} Change the schedule, or delete it.`,
    facts: [
      { name: 'Schedule', value: `${name} (${_id})` },
      { name: 'Was to start', value: scheduledAt.toISOString() },
    ],
    data: { schedule: _id, scheduledAt: scheduledAt.toISOString(), code, message },
    at,
  };
}
