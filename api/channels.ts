import { createRoute, z } from '@hono/zod-openapi';
import type { Channel } from '../domain/alerts/channel.ts';
import { invalidInput } from '../domain/errors.ts';
import { requires } from './auth.ts';
import { createChannel, deleteChannel, editChannel, findChannel } from './channel-changes.ts';
import {
  channelEditSchema,
  channelSchema,
  channelTestSchema,
  createdChannelSchema,
  fromApiChannel,
  newChannelSchema,
} from './channel-schemas.ts';
import { testChannel } from './channel-test.ts';
import { toApiChannel } from './channel-view.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  router,
  toPageFields,
} from './http.ts';
import { idempotencyHeader } from './runs.ts';

const tags = ['Channels'];

const list = createRoute({
  method: 'get',
  path: '/channels',
  tags,
  summary: 'List the channels that people are told over, wherever they were set; never their secrets',
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ channels: z.array(channelSchema), ...pageFields }), 'A page of channels.'),
    ...errors(),
  },
});

const post = createRoute({
  method: 'post',
  path: '/channels',
  tags,
  summary: 'Add a channel; the signing secret that is made for a webhook is shown this once. Audited',
  middleware: requires('admin'),
  request: { ...jsonBody(newChannelSchema), headers: idempotencyHeader },
  responses: { 201: jsonAnswer(createdChannelSchema, 'The new channel.'), ...errors(403, 409) },
});

const get = createRoute({
  method: 'get',
  path: '/channels/{id}',
  tags,
  summary: 'Show a channel',
  request: { params: idParam },
  responses: { 200: jsonAnswer(channelSchema, 'The channel.'), ...errors(404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/channels/{id}',
  tags,
  summary: 'Change a channel; what is left out stays, of `metadata` each field by itself. Audited',
  middleware: requires('admin'),
  request: { params: idParam, ...jsonBody(channelEditSchema) },
  responses: { 200: jsonAnswer(channelSchema, 'The channel as it is now.'), ...errors(403, 404, 409) },
});

const remove = createRoute({
  method: 'delete',
  path: '/channels/{id}',
  tags,
  summary: 'Delete a channel; audited',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Deleted.' }, ...errors(403, 404, 409) },
});

const test = createRoute({
  method: 'post',
  path: '/channels/{id}/test',
  tags,
  summary: 'Send one notice over a channel now, enabled or not, and say how it went',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { 200: jsonAnswer(channelTestSchema, 'How it went.'), ...errors(403, 404) },
});

/** Channels: where people are told what happens to money and runs. */
export function channelRoutes(deps: ApiDeps) {
  return router()
    .openapi(list, async (c) => {
      const all = await deps.channels.book.channelsOf(c.var.principal.org);
      const page = pageIn(all, c.req.valid('query'));
      return c.json({ channels: page.rows.map(toApiChannel), ...toPageFields(page) }, 200);
    })
    .openapi(post, async (c) => {
      const key = c.req.valid('header')['idempotency-key'];
      const terms = fromApiChannel(c.req.valid('json'));
      const { channel, secret } = await createChannel(deps, c.var.principal, terms, key);
      c.header('Location', `/api/v1/channels/${channel.id}`);
      return c.json({ ...toApiChannel(channel), secret }, 201);
    })
    .openapi(get, async (c) => {
      const channel = await findChannel(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(toApiChannel(channel), 200);
    })
    .openapi(patch, async (c) => {
      const { id } = c.req.valid('param');
      const channel = await editChannel(deps, c.var.principal, id, c.req.valid('json'));
      return c.json(toApiChannel(channel), 200);
    })
    .openapi(remove, async (c) => {
      await deleteChannel(deps, c.var.principal, c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(test, async (c) =>
      c.json(await testChannel(deps, c.var.principal, c.req.valid('param').id), 200),
    );
}

/** They are few, and come from three places: all are at hand. The cursor is the last channel's id. */
function pageIn(all: Channel[], { limit, skip = 0, cursor }: z.infer<typeof pageQuery>) {
  const behind = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
  if (cursor !== undefined && behind === 0)
    throw invalidInput('cursor is not one that a list has returned', [
      { field: 'cursor', problem: 'leave it out to start from the beginning' },
    ]);
  const rows = all.slice(behind + skip, behind + skip + limit);
  const last = all.length > behind + skip + limit ? rows.at(-1)?.id : undefined;
  return { rows, total: all.length, ...(last !== undefined && { cursor: last }) };
}
