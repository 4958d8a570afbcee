with newest as (
    {{ newest_version(source('pos', 'ticket_lines'), ['小票号', '行号']) }}
)

select
    'pos' as source_system,
    'ticket_lines' as source_object,
    {{ titled('小票号') }} || '/' || {{ titled('行号') }} as source_id,
    'pos:tickets:' || {{ titled('小票号') }} as order_key,
    {{ titled('行号') }} as line_number,
    {{ titled('商品编码') }} as product_key,
    {{ titled('商品名称') }} as product_name,
    {{ titled('数量') }} as quantity,
    {{ titled('单价') }} as unit_price,
    {{ titled('金额') }} as net_revenue,
    {{ titled('数量') }} < 0 as is_refund
from newest
