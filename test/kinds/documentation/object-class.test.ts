import { classOf } from '../../../kinds/documentation/object-class.ts';

test.each([
  ['models/staging/stg_orders.sql', 'staging'],
  ['models/marts/finance/daily_revenue.sql', 'marts'],
  ['models/orders.sql', 'models'],
  ['warehouse/models/core/orders.sql', 'core'],
  ['reports/monthly/sums.sql', 'reports'],
  ['orders.sql', 'model'],
  ['', 'model'],
])('an object at "%s" is counted under %s', (path, name) => {
  expect(classOf({ path, resourceType: 'model' })).toBe(name);
});
