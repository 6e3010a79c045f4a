import { lookup as resolveName } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPrivateAddress } from './private-addresses.ts';

export const PRIVATE_TARGET =
  'leads into a private network, which is refused unless BURSAR_ALLOW_PRIVATE_WEBHOOKS is true';
const LOOKUP_LIMIT_MS = 3_000;

/** A name, or an address, that leads into a private network. */
export class PrivateTarget extends Error {}

/**
 * What is wrong with a web address as a target by where its name leads now. A name that leads nowhere yet is
 * fine: it is looked at again at each delivery.
 */
export async function privateProblem(target: string): Promise<string | undefined> {
  const host = hostOf(new URL(target));
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [host];
  return addresses.some(isPrivateAddress) ? PRIVATE_TARGET : undefined;
}

async function addressesOf(host: string): Promise<string[]> {
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  const late = sleep(LOOKUP_LIMIT_MS, [], { ref: false });
  return Promise.race([found, late]);
}

/**
 * Looks a name up for a connection, and refuses it where any of its addresses is private. The connection goes
 * to the very addresses that were looked at, so a name cannot change its mind in between.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return callback(new PrivateTarget(PRIVATE_TARGET), '', 0);
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    callback(null, first?.address ?? '', first?.family ?? 0);
  });
};

/** @throws PrivateTarget for an address, which is connected to without being looked up. */
export function assertPublicAddress(url: URL): void {
  const host = hostOf(url);
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw new PrivateTarget(PRIVATE_TARGET);
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
