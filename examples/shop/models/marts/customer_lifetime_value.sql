{{ config(tags=['finance', 'customers']) }}

with order_figures as (

    select
        customer_id,
        count(*) as order_count,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        sum(order_total_usd - refund_usd) as lifetime_revenue_usd,
        sum(gross_margin_usd - refund_usd) as lifetime_margin_usd
    from {{ ref('order_summary') }}
    where not is_cancelled
    group by customer_id

),

session_figures as (

    select
        customer_id,
        count(*) as session_count,
        max(started_at) as last_session_at
    from {{ ref('stg_web_sessions') }}
    where customer_id is not null
    group by customer_id

),

combined as (

    select
        customers.customer_id,
        customers.full_name,
        customers.country_code,
        customers.signed_up_at,
        coalesce(order_figures.order_count, 0) as order_count,
        order_figures.first_order_date,
        order_figures.last_order_date,
        coalesce(order_figures.lifetime_revenue_usd, 0) as lifetime_revenue_usd,
        coalesce(order_figures.lifetime_margin_usd, 0) as lifetime_margin_usd,
        order_figures.lifetime_revenue_usd / nullif(order_figures.order_count, 0) as average_order_usd,
        coalesce(session_figures.session_count, 0) as session_count,
        session_figures.last_session_at
    from {{ ref('stg_customers') }} as customers
    left join order_figures
        on customers.customer_id = order_figures.customer_id
    left join session_figures
        on customers.customer_id = session_figures.customer_id

)

select
    *,
    rank() over (order by lifetime_revenue_usd desc) as revenue_rank,
    case
        when order_count = 0 then 'prospect'
        when order_count = 1 then 'one_time'
        when lifetime_revenue_usd >= 500 then 'champion'
        else 'repeat'
    end as customer_segment,
    order_count > 1 as is_repeat_customer
from combined
