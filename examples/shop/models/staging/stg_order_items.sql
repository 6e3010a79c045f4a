with source as (

    select
        item_id,
        order_id,
        sku,
        quantity,
        unit_price_cents,
        coalesce(discount_percent, 0) as discount_percent
    from {{ ref('raw_order_items') }}
    where quantity > 0

)

select
    item_id as order_item_id,
    order_id,
    sku,
    quantity,
    {{ cents_to_usd('unit_price_cents') }} as unit_price_usd,
    discount_percent,
    cast(round(quantity * unit_price_cents * (100 - discount_percent) / 100.0) / 100.0 as decimal(12, 2))
        as line_total_usd
from source
