with returned as (

    select
        order_item_id,
        sum(returned_quantity) as returned_quantity,
        sum(refund_usd) as refund_usd
    from {{ ref('stg_returns') }}
    group by order_item_id

)

select
    items.order_item_id,
    items.order_id,
    items.sku,
    products.product_name,
    products.category,
    items.quantity,
    items.line_total_usd,
    items.line_total_usd - items.quantity * products.unit_cost_usd as gross_margin_usd,
    coalesce(returned.returned_quantity, 0) as returned_quantity,
    coalesce(returned.refund_usd, 0) as refund_usd,
    returned.order_item_id is not null as is_returned
from {{ ref('stg_order_items') }} as items
inner join {{ ref('stg_products') }} as products
    on items.sku = products.sku
left join returned
    on items.order_item_id = returned.order_item_id
