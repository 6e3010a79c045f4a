import { invalidInput } from '../../domain/errors.ts';
import type { VendorName } from '../../domain/model-name.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { askSecret } from '../show/ask-secret.ts';
import { localTime, usd } from '../show/format.ts';
import { tableLines } from '../show/table.ts';

const NEEDS = { temporal: false, command: 'providers' };

/** `bursar providers list` */
export async function listProviders(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const { providers } = await client.providers();
    output.result({ providers });
    const columns = ['provider', 'key from', 'key', 'address', 'since'].map((title) => ({ title }));
    const rows = providers.map(({ name, source, hint, baseUrl, since }) => [
      name,
      source,
      hint ?? '–',
      baseUrl ?? 'its own',
      since === null ? '–' : localTime(since),
    ]);
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar providers set-key`: the key comes from standard input. */
export async function setProviderKey(
  context: CommandContext,
  provider: VendorName,
  { baseUrl, keyless }: { baseUrl?: string; keyless?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  const apiKey = keyless ? '' : await askSecret(`API key of ${provider}`, interrupts.first);
  if (apiKey === '' && !keyless)
    throw invalidInput('no key came on standard input: type or pipe it, or give --no-key with --base-url');
  return withSession(context, NEEDS, async ({ client }) => {
    const set = await client.setProviderKey(provider, {
      ...(apiKey !== '' && { apiKey }),
      ...(baseUrl !== undefined && { baseUrl }),
    });
    output.result(set);
    output.line(`${provider}: ${set.hint ?? 'no key'}${set.baseUrl === null ? '' : ` at ${set.baseUrl}`}.`);
    output.note(`Try it: bursar providers test ${provider}`);
    return EXIT.done;
  });
}

/** `bursar providers remove-key` */
export async function removeProviderKey(context: CommandContext, provider: VendorName): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) => {
    await client.removeProviderKey(provider);
    context.output.result({ provider, removed: true });
    context.output.line(`What was stored of ${provider} is forgotten.`);
    return EXIT.done;
  });
}

/** `bursar providers test`: one cheap call. */
export async function testProvider(
  context: CommandContext,
  provider: VendorName,
  { model }: { model?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const answer = await client.testProvider(provider, model === undefined ? {} : { model });
    output.result(answer);
    output.line(`${answer.model} answered in ${answer.latencyMs} ms for ${usd(answer.costUsd)}.`);
    return EXIT.done;
  });
}

/** `bursar providers limits` */
export async function listLimits(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const { limits } = await client.providerLimits();
    output.result({ limits });
    if (limits.length === 0) output.line('No model behind the network was asked yet.');
    const columns = ['model', 'requests/min', 'tokens/min', 'at a time', 'closed until'].map((title) => ({
      title,
    }));
    const of = ({ used, allowed }: { used: number; allowed: number | null }) =>
      `${used} of ${allowed ?? '?'}`;
    const rows = limits.map((limit) => [
      limit.model,
      of(limit.requestsPerMinute),
      of(limit.tokensPerMinute),
      `${limit.concurrency.underWay} of ${limit.concurrency.allowed}`,
      limit.blockedUntil === null ? '–' : localTime(limit.blockedUntil),
    ]);
    if (rows.length > 0) for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}
