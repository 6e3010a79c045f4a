/**
 * The rules of FOCUS for the columns that a dataset must have, written from the specification: tag v1.2 of
 * https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, `specification/columns/*.md` (what MUST hold
 * of each) and `specification/attributes/{column_handling,datetime_format,numeric_format,null_handling,
 * currency_format,unit_format}.md`. For 1.4 the same repository's
 * `specification/datasets/cost_and_usage/columns`: `columns.mdpp` names the columns, where ProviderName and
 * PublisherName are gone, and `hostprovidername.md`, `serviceprovidername.md`, `pricingquantity.md`.
 */
export type FocusRow = Readonly<Record<string, string>>;

const NOT_NULL = [
  ...['BilledCost', 'BillingAccountId', 'BillingCurrency', 'BillingPeriodEnd', 'BillingPeriodStart'],
  ...['ChargeCategory', 'ChargePeriodEnd', 'ChargePeriodStart', 'ContractedCost', 'EffectiveCost'],
  ...['InvoiceIssuerName', 'ListCost', 'ServiceCategory', 'ServiceName'],
];
const NULLABLE = ['BillingAccountName', 'ChargeClass', 'ChargeDescription', 'PricingQuantity', 'PricingUnit'];
const PROVIDERS = {
  '1.2': ['ProviderName', 'PublisherName'],
  '1.4': ['HostProviderName', 'ServiceProviderName'],
};
const GONE = { '1.2': [], '1.4': PROVIDERS['1.2'] };
/** Not all that FOCUS knows: what a dataset of ours has beside the mandatory ones. */
const OTHERS = [
  ...['ChargeFrequency', 'ConsumedQuantity', 'ConsumedUnit', 'PricingCategory', 'ServiceSubcategory'],
  ...['SkuId', 'SkuPriceId', 'SubAccountId', 'SubAccountName'],
];
const COSTS = ['BilledCost', 'ContractedCost', 'EffectiveCost', 'ListCost'];
const TIMES = ['BillingPeriodEnd', 'BillingPeriodStart', 'ChargePeriodEnd', 'ChargePeriodStart'];
const ALLOWED: Record<string, string[]> = {
  ChargeCategory: ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
  ChargeClass: ['Correction'],
  ChargeFrequency: ['One-Time', 'Recurring', 'Usage-Based'],
  PricingCategory: ['Standard', 'Dynamic', 'Committed', 'Other'],
  ServiceCategory: [
    ...['AI and Machine Learning', 'Analytics', 'Business Applications', 'Compute', 'Databases'],
    ...['Developer Tools', 'Multicloud', 'Identity', 'Integration', 'Internet of Things'],
    ...['Management and Governance', 'Media', 'Migration', 'Mobile', 'Networking', 'Security', 'Storage'],
    ...['Web', 'Other'],
  ],
};
const DECIMAL = /^-?\d+(\.\d+)?(E-?\d+)?$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** What a file does not keep to, by the names of its columns and a row. */
export function focusProblems(head: string[], rows: FocusRow[], version: '1.2' | '1.4'): string[] {
  return [...headProblems(head, version), ...rows.flatMap((row) => rowProblems(row, version))];
}

function headProblems(head: string[], version: '1.2' | '1.4'): string[] {
  const mandatory = [...NOT_NULL, ...NULLABLE, ...PROVIDERS[version]];
  const known = [...mandatory, ...OTHERS];
  const firstOwn = head.findIndex((name) => name.startsWith('x_'));
  return [
    ...mandatory.filter((name) => !head.includes(name)).map((name) => `${name} is missing`),
    ...GONE[version].filter((name) => head.includes(name)).map((name) => `${name} is gone in ${version}`),
    ...head
      .filter((name) => !known.includes(name) && !/^x_[A-Z][A-Za-z0-9]{0,47}$/.test(name))
      .map((name) => `${name} is no column of FOCUS and has no x_`),
    ...head
      .filter((name, at) => firstOwn !== -1 && at > firstOwn && !name.startsWith('x_'))
      .map((name) => `${name} comes after columns of others`),
  ];
}

function rowProblems(row: FocusRow, version: '1.2' | '1.4'): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`${problem} in ${JSON.stringify(row)}`);
  };
  const isNull = (name: string) => (row[name] ?? '') === '';
  for (const name of [...NOT_NULL, ...PROVIDERS[version]]) must(!isNull(name), `${name} is null`);
  for (const [name, value] of Object.entries(row))
    must(value === '' || value.trim() !== '', `${name} is blank`);
  for (const name of [...COSTS, 'PricingQuantity', 'ConsumedQuantity'])
    must(isNull(name) || DECIMAL.test(row[name] ?? ''), `${name} is no decimal`);
  for (const name of TIMES) must(TIME.test(row[name] ?? ''), `${name} is no time in UTC`);
  for (const [name, values] of Object.entries(ALLOWED))
    must(isNull(name) || values.includes(row[name] ?? ''), `${name} is not an allowed value`);
  must(/^[A-Z]{3}$/.test(row.BillingCurrency ?? ''), 'BillingCurrency is no code of ISO 4217');
  checkPeriods(row, must);
  checkPricing(row, isNull, must);
  return problems;
}

type Must = (holds: boolean, problem: string) => void;

/** Both are half-open; a billing period of ours is a month. */
function checkPeriods(row: FocusRow, must: Must): void {
  const [from = 0, to = 0, start = 0, end = 0] = [
    ...[row.BillingPeriodStart, row.BillingPeriodEnd, row.ChargePeriodStart, row.ChargePeriodEnd],
  ].map((text) => Date.parse(text ?? ''));
  must(from < to, 'the billing period is empty');
  must(start < end, 'the charge period is empty');
  must(from <= start && start < to, 'the charge begins outside its billing period');
}

function checkPricing(row: FocusRow, isNull: (name: string) => boolean, must: Must): void {
  const { ChargeCategory: category, ChargeClass: ofClass } = row;
  const isUse = (category === 'Usage' || category === 'Purchase') && ofClass !== 'Correction';
  for (const name of ['PricingQuantity', 'PricingCategory', 'SkuId', 'SkuPriceId']) {
    if (isUse) must(!isNull(name), `${name} is null of a ${category}`);
    if (category === 'Tax') must(isNull(name), `${name} of a tax is not null`);
  }
  must(isNull('PricingQuantity') === isNull('PricingUnit'), 'PricingUnit goes with PricingQuantity');
  must(!isNull('SkuPriceId') || isNull('PricingQuantity'), 'PricingQuantity without SkuPriceId');
  must(isNull('ConsumedQuantity') === isNull('ConsumedUnit'), 'ConsumedUnit goes with ConsumedQuantity');
  must(isNull('ConsumedQuantity') === (category !== 'Usage'), 'ConsumedQuantity is of usage, and of all');
  must(isNull('SubAccountId') === isNull('SubAccountName'), 'SubAccountName goes with SubAccountId');
  must(category !== 'Purchase' || row.ChargeFrequency !== 'Usage-Based', 'a purchase by usage');
  // Of a charge that is no part of another one, and has no unit price.
  if (category === 'Credit' || category === 'Usage')
    for (const name of COSTS) must(row[name] === row.BilledCost, `${name} is not the BilledCost`);
}
