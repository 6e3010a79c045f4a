import type { Alert, NewAlert } from '../../domain/alerts/alert.ts';
import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const at = new Date();
const text = { title: 'A', text: 'B', facts: [], data: {} };
const alert: NewAlert = { org: ORG, type: 'anomaly', key: 'a', severity: 'warning', ...text, at };
const stored: Alert = {
  ...alert,
  id: 'alr_1',
  budget: 'b',
  state: 'open',
  raisedAt: at,
  round: 0,
  history: [],
};
const delivery = {
  _id: 'dlv_1',
  org: ORG,
  alerts: ['alr_1'],
  channel: 'chn_1',
  channelName: 'Ops',
  attempts: 0,
};
const held = { ...delivery, channelType: 'log' as const, state: 'held' as const, createdAt: at, dueAt: at };
const by = { at, by: 'key_1' };

/** Every function of the repositories of alerts and deliveries. */
export const ALERT_CALLS = {
  alerts: {
    raise: ({ alerts }: Store) => alerts.raise([alert]),
    align: ({ alerts }: Store) => alerts.align(ORG, ['anomaly'], [{ ...alert, lasting: true }], at),
    resolveOfRun: ({ alerts }: Store) => alerts.resolveOfRun(ORG, 'run_1', at, 'key'),
    resolveMany: ({ alerts }: Store) => alerts.resolveMany(ORG, ['alr_1'], at),
    find: ({ alerts }: Store) => alerts.find(ORG, 'alr_1'),
    findMany: ({ alerts }: Store) => alerts.findMany(ORG, ['alr_1']),
    list: ({ alerts }: Store) => alerts.list(ORG, { state: 'open' }, { limit: 5 }),
    acknowledge: ({ alerts }: Store) => alerts.acknowledge(ORG, 'alr_1', by),
    snooze: ({ alerts }: Store) => alerts.snooze(ORG, 'alr_1', at, by),
    snoozedLike: ({ alerts }: Store) => alerts.snoozedLike(stored, at),
    archivable: ({ alerts }: Store) => alerts.archivable(ORG, at, 2),
    extent: ({ alerts }: Store) => alerts.extent(ORG),
    takeDue: ({ alerts }: Store) => alerts.takeDue(at, 1),
    told: ({ alerts }: Store) => alerts.told(stored),
  },
  deliveries: {
    idOf: async ({ deliveries }: Store) => deliveries.idOf('alr_1', 0),
    add: ({ deliveries }: Store) => deliveries.add([held]),
    find: ({ deliveries }: Store) => deliveries.find(ORG, 'dlv_1'),
    ofAlert: ({ deliveries }: Store) => deliveries.ofAlert(ORG, 'alr_1', 5),
    overWith: ({ deliveries }: Store) => deliveries.overWith(ORG, ['alr_1'], async () => []),
    countSent: ({ deliveries }: Store) => deliveries.countSent(ORG, 'chn_1', at),
    sent: ({ deliveries }: Store) => deliveries.sent(held, 'ok', at),
    failed: ({ deliveries }: Store) => deliveries.failed(held, 'no'),
    giveUp: ({ deliveries }: Store) => deliveries.giveUp(held),
    nextDue: ({ deliveries }: Store) => deliveries.nextDue(at),
    gather: ({ deliveries }: Store) => deliveries.gather({ ...held, gathersUntil: at }),
  },
};
