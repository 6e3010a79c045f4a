import { parse } from 'yaml';
import { withoutSecrets } from '../../../cli/input/profiles.ts';

test('keeps the type of each connection and nothing else', () => {
  const text = [
    'config: {send_anonymous_usage_stats: false}',
    'shop:',
    '  target: prod',
    '  outputs:',
    '    prod: {type: snowflake, account: a, password: secret, private_key: secret}',
    '    dev: {type: duckdb, path: /home/me/shop.duckdb}',
  ].join('\n');
  expect(parse(withoutSecrets(text))).toEqual({
    shop: { target: 'prod', outputs: { prod: { type: 'snowflake' }, dev: { type: 'duckdb' } } },
  });
});

test.each(['{{ env_var("X") }}: [', '', '- a', 'shop: 1'])(
  'gives nothing away of what it cannot read: %j',
  (text) => {
    expect(parse(withoutSecrets(text))).toEqual({});
  },
);
