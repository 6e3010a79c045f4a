import type { ProjectObject, ResourceType } from '../../../domain/project.ts';
import { selectObjects } from '../../../kinds/documentation/select.ts';

/** An object with nothing in it but what selection goes by. */
export function object(
  uniqueId: string,
  path: string,
  parents: string[] = [],
  more: Partial<ProjectObject> = {},
) {
  const [resourceType, packageName = '', ...rest] = uniqueId.split('.');
  return {
    uniqueId,
    name: rest.at(resourceType === 'source' ? -1 : 0) ?? '',
    resourceType: resourceType as ResourceType,
    packageName,
    path,
    tags: [],
    description: '',
    columns: [],
    rawCode: '',
    adapterType: 'duckdb',
    parents,
    tests: [],
    hash: '',
    ...more,
  } satisfies ProjectObject;
}

const MARTS = { patchPath: 'models/marts/marts.yml', materialized: 'table' };

/** raw.orders → stg_orders → orders → customers → report; raw.people, codes → stg_people → customers. */
export const SHOP = [
  object('source.shop.raw.orders', 'models/staging/src.yml', [], { tags: ['daily'] }),
  object('source.shop.raw.people', 'models/staging/src.yml'),
  object('source.shop.web.clicks', 'models/staging/src.yml'),
  object('seed.shop.codes', 'seeds/lookup/codes.csv'),
  object('model.shop.stg_orders', 'models/staging/shop/stg_orders.sql', ['source.shop.raw.orders'], {
    tags: ['nightly', 'pii-low'],
    materialized: 'view',
  }),
  object(
    'model.shop.stg_people',
    'models/staging/shop/stg_people.sql',
    ['source.shop.raw.people', 'seed.shop.codes'],
    {
      tags: ['nightly'],
      materialized: 'view',
    },
  ),
  object('model.shop.orders', 'models/marts/orders.sql', ['model.shop.stg_orders'], {
    ...MARTS,
    tags: ['core'],
  }),
  object(
    'model.shop.customers',
    'models/marts/customers.sql',
    ['model.shop.orders', 'model.shop.stg_people'],
    MARTS,
  ),
  object('snapshot.shop.customers_history', 'snapshots/customers_history.sql', ['model.shop.customers']),
  object('model.shop.report', 'models/marts/deep/report.sql', ['snapshot.shop.customers_history'], {
    tags: ['core'],
  }),
  object('model.shop.dim.v1', 'models/dims/dim_v1.sql', [], { name: 'dim' }),
  object('model.shop.dim.v2', 'models/dims/dim_v2.sql', ['model.shop.dim.v1'], { name: 'dim' }),
  object('model.tools.calendar', 'models/calendar.sql', [], { tags: ['nightly'] }),
  object('model.tools.orders_spine', 'models/spine/orders_spine.sql', ['model.tools.calendar']),
];

/** What a selection takes of the shop, as short ids. */
export const ids = (select: string[], exclude: string[] = []) =>
  selectObjects(SHOP, select, exclude).map(({ uniqueId }) => uniqueId.replace(/^model\.(shop\.)?/, ''));
