-- The shop exports an order again whenever its status changes: only the newest export counts.
with exports as (

    select
        *,
        row_number() over (
            partition by order_id
            order by exported_at desc
        ) as export_rank
    from {{ ref('raw_orders') }}

)

select
    order_id,
    customer_id,
    ordered_at,
    cast(ordered_at as date) as order_date,
    status as order_status,
    channel as sales_channel,
    {{ cents_to_usd('shipping_cents') }} as shipping_usd,
    case when status = 'cancelled' then true else false end as is_cancelled,
    exported_at
from exports
where export_rank = 1
