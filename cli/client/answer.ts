import type { ClientResponse } from 'hono/client';

/** The body of a successful answer; everything else has been thrown before. */
export type BodyOf<Answer> =
  Answer extends ClientResponse<infer Body, infer Status, 'json'>
    ? Status extends 200 | 201 | 202
      ? Body
      : never
    : never;

export async function bodyOf<Answer extends { json(): Promise<unknown> }>(
  call: Promise<Answer>,
): Promise<BodyOf<Answer>> {
  return (await (await call).json()) as BodyOf<Answer>;
}
