select
    session_id,
    customer_id,
    started_at,
    date_trunc('week', started_at) as session_week,
    page_views,
    device as device_type,
    coalesce(nullif(referrer, ''), 'unknown') as referrer,
    page_views = 1 as is_bounce
from {{ source('web_analytics', 'web_sessions') }}
where started_at is not null
