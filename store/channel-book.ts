import type { Channel } from '../domain/alerts/channel.ts';
import { toldChannels } from '../domain/alerts/preset-channels.ts';
import type { Store } from './index.ts';

/** All channels of an organization, wherever they were set. */
export interface ChannelBook {
  /** Those of the configuration and the environment first, then those of the API, the oldest first. */
  channelsOf(org: string): Promise<Channel[]>;
  find(org: string, id: string): Promise<Channel | undefined>;
  /** The enabled ones, or the log where there is none. */
  told(org: string): Promise<Channel[]>;
}

/** @param presets what `presetChannels` makes of the configuration and the environment. */
export function createChannelBook(store: Pick<Store, 'channels'>, presets: Channel[]): ChannelBook {
  async function channelsOf(org: string): Promise<Channel[]> {
    const stored = await store.channels.all(org);
    const own = stored.map(({ createdAt: _, updatedAt: __, ...rest }) => ({
      ...rest,
      source: 'api' as const,
    }));
    return [...presets.filter((preset) => preset.org === org), ...own];
  }
  return {
    channelsOf,
    async find(org, id) {
      const preset = presets.find((each) => each.org === org && each.id === id);
      if (preset !== undefined) return preset;
      const stored = await store.channels.find(org, id);
      if (stored === undefined) return undefined;
      const { createdAt: _, updatedAt: __, ...rest } = stored;
      return { ...rest, source: 'api' };
    },
    async told(org) {
      return toldChannels(org, await channelsOf(org));
    },
  };
}
