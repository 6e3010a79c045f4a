import { BlockList, isIP } from 'node:net';

/** What is not reached from the internet: IANA's special-purpose addresses (RFC 6890 and its registry). */
const PRIVATE_IPV4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
/** Of IPv6 only this part is given out; what is special in it follows. */
const GLOBAL_IPV6 = listOf('ipv6', ['2000::/3']);
const SPECIAL_IPV6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
/** IPv6 addresses that stand for an IPv4 address in their last 32 bits: mapped, and NAT64. */
const EMBEDDING_IPV6 = listOf('ipv6', ['::ffff:0:0/96', '64:ff9b::/96']);

/** Whether an address leads into a network of one's own, or nowhere. What is no address counts as private. */
export function isPrivateAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  if (family === 4) return PRIVATE_IPV4.check(bare, 'ipv4');
  if (family !== 6) return true;
  if (EMBEDDING_IPV6.check(bare, 'ipv6')) return PRIVATE_IPV4.check(embeddedIn(bare), 'ipv4');
  return !GLOBAL_IPV6.check(bare, 'ipv6') || SPECIAL_IPV6.check(bare, 'ipv6');
}

function embeddedIn(address: string): string {
  // A URL brings every way of writing an address to one: groups of hexadecimal digits.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function listOf(family: 'ipv4' | 'ipv6', subnets: string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
