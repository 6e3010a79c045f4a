import { deliveryOver } from '../domain/alerts/channel.ts';
import type { Notice } from '../domain/alerts/notice.ts';
import { assembleReport } from '../domain/report/assemble.ts';
import { monthBefore } from '../domain/report/period.ts';
import { REPORT_TYPES, renderReport } from '../domain/report/render.ts';
import { headFacts, titleOf } from '../domain/report/sections.ts';
import type { Delivery } from '../store/deliveries.ts';
import { translating } from './failures.ts';
import type { ActivityDeps } from './index.ts';

/** Costs of the last day may come late; whoever was away on these days gets no report any more. */
const FROM_DAY = 2;
const TO_DAY = 7;
/** A delivery that was not started by then is started again. */
const STARTED_BY_MS = 120_000;

/**
 * Sends the report of the month before over the channels that name `report`, once each: on the second of a
 * month in the organization's time zone, or as soon after as there is a worker.
 */
export function createSendReports(deps: ActivityDeps) {
  const send = createReportSender(deps);
  return translating(async (): Promise<void> => {
    for (const org of await deps.store.organizations.ids()) await send(org, deps.now());
  });
}

type SenderDeps = Pick<ActivityDeps, 'store' | 'channels' | 'starter' | 'dayOf'>;

/** Does so for one organization at a time; doing it again changes nothing. */
export function createReportSender(deps: SenderDeps): (org: string, at: Date) => Promise<void> {
  const { deliveries } = deps.store;

  async function send(org: string, at: Date): Promise<void> {
    const today = await deps.dayOf(org, at);
    const dayOfMonth = Number(today.slice(8));
    if (dayOfMonth < FROM_DAY || dayOfMonth > TO_DAY) return;
    const report = monthBefore(today, 1).start.slice(0, 7);
    for (const channel of await deps.channels.told(org)) {
      if (!channel.events.includes('report')) continue;
      const _id = deliveries.idOf(org, 'report', report, channel.id);
      const known = await deliveries.find(org, _id);
      const age = at.getTime() - (known?.createdAt ?? at).getTime();
      if (known !== undefined && (known.state !== 'pending' || age < STARTED_BY_MS)) continue;
      await deliveries.add([{ _id, org, alerts: [], report, ...deliveryOver(channel, at) }]);
      await deps.starter.deliver(org, _id);
    }
  }

  return send;
}

/** The report of a month as a notice: its head to read at once, the whole as attachments. */
export async function reportNotice(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  { _id: id, org }: Pick<Delivery, '_id' | 'org'>,
  month: string,
): Promise<Notice> {
  const at = deps.now();
  // The month before the first of the one that follows it.
  const period = monthBefore(nextMonth(month), 1);
  const report = assembleReport(await deps.store.reportFacts(org, period, at));
  const attached = (format: 'html' | 'csv') => ({
    name: `bursar-${org}-${month}.${format}`,
    contentType: REPORT_TYPES[format],
    content: renderReport(report, format),
  });
  return {
    ...{ id, type: 'report', severity: 'info', title: titleOf(report), at: at.toISOString() },
    text: report.recommendations.map(({ text }) => text).join('\n\n') || 'There is nothing to recommend.',
    facts: headFacts(report).map(([name, value]) => ({ name, value })),
    data: {
      ...period,
      totalSpend: report.totalSpend,
      budgetAmount: report.budgetAmount,
      utilization: report.utilization,
    },
    attachments: [attached('html'), attached('csv')],
  };
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
}
