-- Cards and gift cards come from two systems with different columns.
with card_payments as (

    select
        'card-' || payment_id as payment_key,
        order_id,
        'card' as payment_method,
        state as payment_state,
        {{ cents_to_usd('amount_cents') }} as amount_usd,
        paid_at
    from {{ ref('raw_card_payments') }}

),

gift_card_payments as (

    select
        'gift-' || redemption_id as payment_key,
        order_id,
        'gift_card' as payment_method,
        'succeeded' as payment_state,
        {{ cents_to_usd('amount_cents') }} as amount_usd,
        redeemed_at as paid_at
    from {{ ref('raw_gift_card_payments') }}

)

select * from card_payments
union all
select * from gift_card_payments
