-- A refund of an order that was never delivered stays in std_order_lines and fct_order_lines, but no order is lower by it.
-- One row per such refund: deliver its order, or know that the order is older than the data.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'std_order_lines'}}}) }}

select
    line.order_line_key,
    line.order_key,
    line.net_revenue
from {{ ref('std_order_lines') }} as line
left join {{ ref('std_orders') }} as orders on line.order_key = orders.order_key
where line.is_refund and orders.order_key is null
