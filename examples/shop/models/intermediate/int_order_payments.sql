{{ config(materialized='ephemeral', tags=['finance']) }}

select
    order_id,
    sum(case when payment_method = 'card' then amount_usd else 0 end) as card_usd,
    sum(case when payment_method = 'gift_card' then amount_usd else 0 end) as gift_card_usd,
    sum(amount_usd) as paid_usd,
    max(paid_at) as last_paid_at
from {{ ref('stg_payments') }}
where payment_state = 'succeeded'
group by order_id
having sum(amount_usd) > 0
