-- No row may come back: an order's total is what its lines and its shipping add up to.
select
    orders.order_id,
    orders.order_total_usd,
    sum(lines.line_total_usd) as lines_usd
from {{ ref('order_summary') }} as orders
inner join {{ ref('int_order_lines') }} as lines
    on orders.order_id = lines.order_id
group by orders.order_id, orders.order_total_usd, orders.shipping_usd
having abs(orders.order_total_usd - orders.shipping_usd - sum(lines.line_total_usd)) > 0.005
