{{ config(tags=['finance', 'daily']) }}

-- The next four weeks: each weekday's average of the last eight weeks, scaled by the recent trend.
with history as (

    select
        revenue_date,
        weekday_number,
        net_revenue_usd,
        max(revenue_date) over () as last_date
    from {{ ref('daily_revenue') }}

),

weekday_averages as (

    select
        weekday_number,
        avg(net_revenue_usd) as average_usd,
        stddev_samp(net_revenue_usd) as deviation_usd,
        count(*) as observed_days
    from history
    where revenue_date > last_date - interval '56 days'
    group by weekday_number
    having count(*) >= 4

),

trend as (

    select
        sum(case when revenue_date > last_date - interval '28 days' then net_revenue_usd else 0 end)
            as recent_usd,
        sum(case when revenue_date <= last_date - interval '28 days' then net_revenue_usd else 0 end)
            as previous_usd
    from history
    where revenue_date > last_date - interval '56 days'

),

future_days as (

    select
        cast(revenue_date + interval '28 days' as date) as forecast_date,
        weekday_number
    from history
    where revenue_date > last_date - interval '28 days'

),

expected as (

    select
        future_days.forecast_date,
        future_days.weekday_number,
        weekday_averages.observed_days,
        -- a month that was twice as good does not make the next one twice as good again
        greatest(0.8, least(1.25, coalesce(trend.recent_usd / nullif(trend.previous_usd, 0), 1)))
            as trend_factor,
        weekday_averages.average_usd,
        weekday_averages.deviation_usd
    from future_days
    inner join weekday_averages
        on future_days.weekday_number = weekday_averages.weekday_number
    cross join trend

)

select
    forecast_date,
    cast(date_trunc('week', forecast_date) as date) as forecast_week,
    weekday_number,
    observed_days,
    round(trend_factor, 3) as trend_factor,
    round(average_usd * trend_factor, 2) as expected_revenue_usd,
    round(greatest(0, average_usd * trend_factor - deviation_usd), 2) as low_revenue_usd,
    round(average_usd * trend_factor + deviation_usd, 2) as high_revenue_usd,
    round(sum(average_usd * trend_factor) over (order by forecast_date), 2) as cumulative_revenue_usd
from expected
