with newest as (
    {{ newest_version(source('web_shop', 'refunds'), ['refund_id'], 'refunded_at') }}
)

select
    'web_shop' as source_system,
    'refunds' as source_object,
    refund_id as source_id,
    'web_shop:orders:' || order_id as order_key,
    -- Counted down from -1, so that it is no number of a line of the order.
    -row_number() over (partition by order_id order by refunded_at, refund_id) as line_number,
    sku as product_key,
    -quantity as quantity,
    amount / nullif(quantity, 0) as unit_price,
    -amount as net_revenue,
    true as is_refund,
    refunded_at,
    reason as refund_reason
from newest
