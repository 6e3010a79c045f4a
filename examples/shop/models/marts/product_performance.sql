select
    lines.sku,
    lines.product_name,
    lines.category,
    count(distinct lines.order_id) as order_count,
    sum(lines.quantity) as units_sold,
    sum(lines.returned_quantity) as units_returned,
    sum(lines.returned_quantity) / sum(lines.quantity) as return_rate,
    sum(lines.line_total_usd) as revenue_usd,
    sum(lines.gross_margin_usd) as gross_margin_usd,
    rank() over (
        partition by lines.category
        order by sum(lines.line_total_usd) desc
    ) as rank_in_category
from {{ ref('int_order_lines') }} as lines
inner join {{ ref('stg_orders') }} as orders
    on lines.order_id = orders.order_id
where not orders.is_cancelled
group by lines.sku, lines.product_name, lines.category
having sum(lines.quantity) >= 5
