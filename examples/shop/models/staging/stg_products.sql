select
    sku,
    product_name,
    coalesce(nullif(category, ''), 'uncategorised') as category,
    {{ cents_to_usd('price_cents') }} as list_price_usd,
    {{ cents_to_usd('cost_cents') }} as unit_cost_usd,
    active as is_active
from {{ ref('raw_products') }}
