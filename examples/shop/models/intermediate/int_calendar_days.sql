-- Every day between the first and the last order, so that days without orders count as zero.
with bounds as (

    select
        min(order_date) as first_date,
        max(order_date) as last_date
    from {{ ref('stg_orders') }}

),

days as (

    select unnest(generate_series(first_date, last_date, interval '1 day')) as calendar_day
    from bounds

)

select
    cast(calendar_day as date) as calendar_date,
    cast(date_trunc('week', calendar_day) as date) as week_start,
    cast(extract('isodow' from calendar_day) as integer) as weekday_number,
    extract('isodow' from calendar_day) >= 6 as is_weekend
from days
