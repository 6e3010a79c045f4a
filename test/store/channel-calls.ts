import { CHANNEL_DEFAULTS } from '../../domain/alerts/channel.ts';
import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const at = new Date();
const terms = { ...CHANNEL_DEFAULTS, name: 'log', type: 'log' as const, events: [], metadata: {} };

/** Every function of the repository of channels. */
export const CHANNEL_CALLS = {
  channels: {
    create: ({ channels }: Store) =>
      channels.create({ ...terms, id: 'chn_1', org: ORG, createdAt: at }, 'key_1'),
    find: ({ channels }: Store) => channels.find(ORG, 'chn_1'),
    all: ({ channels }: Store) => channels.all(ORG),
    edit: ({ channels }: Store) =>
      channels.edit(ORG, 'chn_1', { set: terms, unset: ['fallback'], fields: ['name'] }, 'key_1', at),
    remove: ({ channels }: Store) => channels.remove(ORG, 'chn_1', 'key_1', at),
  },
};
