{{ config(tags=['finance', 'daily']) }}

with lines as (

    select
        order_id,
        count(*) as line_count,
        sum(quantity) as item_count,
        sum(line_total_usd) as items_usd,
        sum(gross_margin_usd) as gross_margin_usd,
        sum(refund_usd) as refund_usd
    from {{ ref('int_order_lines') }}
    group by order_id

)

select
    orders.order_id,
    orders.customer_id,
    customers.country_code,
    orders.ordered_at,
    orders.order_date,
    cast(date_trunc('month', orders.order_date) as date) as order_month,
    orders.order_status,
    orders.sales_channel,
    orders.is_cancelled,
    lines.line_count,
    lines.item_count,
    lines.items_usd,
    orders.shipping_usd,
    lines.items_usd + orders.shipping_usd as order_total_usd,
    coalesce(payments.paid_usd, 0) as paid_usd,
    lines.refund_usd,
    lines.gross_margin_usd,
    case
        when orders.is_cancelled then 'not_due'
        when coalesce(payments.paid_usd, 0) = 0 then 'unpaid'
        when payments.paid_usd < lines.items_usd + orders.shipping_usd then 'partly_paid'
        else 'paid'
    end as payment_status,
    row_number() over (
        partition by orders.customer_id
        order by orders.ordered_at, orders.order_id
    ) as customer_order_number,
    row_number() over (
        partition by orders.customer_id
        order by orders.ordered_at, orders.order_id
    ) = 1 as is_first_order
from {{ ref('stg_orders') }} as orders
inner join lines
    on orders.order_id = lines.order_id
left join {{ ref('stg_customers') }} as customers
    on orders.customer_id = customers.customer_id
left join {{ ref('int_order_payments') }} as payments
    on orders.order_id = payments.order_id
