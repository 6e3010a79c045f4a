import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';

/** Temporal's number for attributes of the type Keyword. */
const KEYWORD = 2;
const NAMES = Object.values(SEARCH_ATTRIBUTES).map((key) => key.name);

/**
 * Registers the attributes once, on first use; asks again after a no, for the server may just not have been
 * there.
 */
export function searchAttributesOf(client: Client, namespace: string): () => Promise<boolean> {
  let registered: Promise<boolean> | undefined;
  return async () => {
    registered ??= registerSearchAttributes(client, namespace);
    const known = await registered;
    if (!known) registered = undefined;
    return known;
  };
}

/** @returns false where registering is forbidden or fails: runs then go without them. */
async function registerSearchAttributes(client: Client, namespace: string): Promise<boolean> {
  const { operatorService } = client.connection;
  try {
    const known = await operatorService.listSearchAttributes({ namespace });
    const missing = NAMES.filter((name) => known.customAttributes?.[name] === undefined);
    if (missing.length === 0) return true;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
    return true;
  } catch {
    // Another process may have been faster.
    return everyNameIsKnown(client, namespace);
  }
}

async function everyNameIsKnown(client: Client, namespace: string): Promise<boolean> {
  try {
    const known = await client.connection.operatorService.listSearchAttributes({ namespace });
    return NAMES.every((name) => known.customAttributes?.[name] !== undefined);
  } catch {
    return false;
  }
}
