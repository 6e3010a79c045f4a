{{
    config(
        materialized='incremental',
        unique_key='revenue_date',
        incremental_strategy='delete+insert',
        tags=['finance', 'daily']
    )
}}

with days as (

    select *
    from {{ ref('int_calendar_days') }}
    {% if is_incremental() %}
    -- payments and returns arrive late: the last two weeks are counted again
    where calendar_date > (select max(revenue_date) - interval '14 days' from {{ this }})
    {% endif %}

),

orders as (

    select *
    from {{ ref('order_summary') }}
    where not is_cancelled

)

select
    days.calendar_date as revenue_date,
    days.week_start,
    days.weekday_number,
    count(orders.order_id) as order_count,
    count(distinct orders.customer_id) as customer_count,
    coalesce(sum(orders.order_total_usd), 0) as gross_revenue_usd,
    coalesce(sum(orders.refund_usd), 0) as refund_usd,
    coalesce(sum(orders.order_total_usd - orders.refund_usd), 0) as net_revenue_usd
from days
left join orders
    on days.calendar_date = orders.order_date
group by days.calendar_date, days.week_start, days.weekday_number
