import { isPrivateAddress } from '../../../gateways/notify/private-addresses.ts';
import { lookupPublic, privateProblem } from '../../../gateways/notify/web-targets.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { channelOf, NOTICE, newNotifier } from './channels.ts';

test.each([
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1'],
  ...['127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1'],
  ...['192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1'],
  ...['239.255.255.255', '240.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1'],
  ...['fdff::1', 'fec0::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::127.0.0.1'],
  ...['64:ff9b::a00:1', '64:ff9b::', '64:ff9b:1::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1'],
  ...['100::1', 'localhost', ''],
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  ...[
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
  ],
  ...['169.253.255.255', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '223.255.255.255'],
  ...['2606:4700::1111', '2a00:1450:4001::200e', '::ffff:1.1.1.1', '64:ff9b::101:101'],
])('%s is public', (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

test.each([
  'http://localhost:1',
  'http://127.1',
  'http://0x7f000001/',
  'http://2130706433/',
  'http://[::1]:80',
  'http://[::ffff:127.0.0.1]',
])('%s is refused at the door', async (target) => {
  expect(await privateProblem(target)).toMatch(/BURSAR_ALLOW_PRIVATE_WEBHOOKS/);
});

test('a public address, and a name that leads nowhere yet, are taken', async () => {
  expect(await privateProblem('https://1.1.1.1/x')).toBeUndefined();
  expect(await privateProblem('https://nowhere.invalid/x')).toBeUndefined();
});

const receivers: Receiver[] = [];
afterAll(() => {
  for (const receiver of receivers) receiver.stop();
});

test('nothing is sent into a private network, by its address or by a name that leads there', async () => {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const { deliver } = newNotifier({ allowPrivateWebhooks: false });
  for (const type of ['webhook', 'slack'] as const)
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1'])
      expect(
        await deliver(channelOf({ type, target: `http://${host}:${receiver.port}/` }), NOTICE),
      ).toMatchObject({ ok: false, reason: expect.stringMatching(/private network/), retryable: false });
  expect(receiver.received).toEqual([]);
});

test('a connection is given the addresses that were looked at, and none where one is private', async () => {
  const look = (host: string, all: boolean) =>
    new Promise((resolve) => lookupPublic(host, { all }, (error, found) => resolve(error ?? found)));
  for (const all of [true, false])
    expect(await look('localhost', all)).toMatchObject({ message: expect.stringMatching(/private/) });
  expect(await look('1.1.1.1', true)).toEqual([{ address: '1.1.1.1', family: 4 }]);
  expect(await look('1.1.1.1', false)).toBe('1.1.1.1');
});
