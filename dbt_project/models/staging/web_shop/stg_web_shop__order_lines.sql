with newest as (
    {{ newest_version(source('web_shop', 'order_lines'), ['order_id', 'line_no']) }}
)

select
    'web_shop' as source_system,
    'order_lines' as source_object,
    order_id || '/' || line_no as source_id,
    'web_shop:orders:' || order_id as order_key,
    line_no as line_number,
    sku as product_key,
    title as product_name,
    quantity,
    unit_price,
    line_total as net_revenue,
    quantity < 0 as is_refund
from newest
