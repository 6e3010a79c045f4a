import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import { bodyOf } from './answer.ts';

/** Where people are told. */
export function channelMethods(base: string, options: Parameters<typeof hc>[1]) {
  const { channels } = hc<ApiResources['channels']>(base, options);
  return {
    channels: (query: Record<string, string>) => bodyOf(channels.$get({ query })),
    channel: (id: string) => bodyOf(channels[':id'].$get({ param: { id } })),
    createChannel: (json: NewChannel, idempotencyKey: string) =>
      bodyOf(channels.$post({ json, header: { 'idempotency-key': idempotencyKey } })),
    editChannel: (id: string, json: ChannelEdit) => bodyOf(channels[':id'].$patch({ param: { id }, json })),
    async deleteChannel(id: string) {
      await channels[':id'].$delete({ param: { id } });
    },
    testChannel: (id: string) => bodyOf(channels[':id'].test.$post({ param: { id } })),
  };
}

type ChannelsApi = ReturnType<typeof hc<ApiResources['channels']>>['channels'];
type Methods = ReturnType<typeof channelMethods>;
export type NewChannel = Parameters<ChannelsApi['$post']>[0]['json'];
export type ChannelEdit = Parameters<ChannelsApi[':id']['$patch']>[0]['json'];
export type Channel = Awaited<ReturnType<Methods['channel']>>;
