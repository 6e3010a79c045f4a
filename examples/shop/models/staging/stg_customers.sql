with source as (

    select * from {{ ref('raw_customers') }}

)

select
    id as customer_id,
    first_name,
    last_name,
    first_name || ' ' || last_name as full_name,
    -- the sign-up form let spaces and capitals through until 2025
    nullif(lower(trim(email)), '') as email,
    upper(country) as country_code,
    created_at as signed_up_at,
    newsletter as is_newsletter_subscriber
from source
