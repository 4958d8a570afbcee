-- Only the whole order is exported; one line stands for all of it, without an article.
with newest as (
    {{ newest_version(source('fxiaoke', 'orders'), ['唯一性ID'], '最后修改时间') }}
)

select
    'fxiaoke' as source_system,
    'orders' as source_object,
    {{ titled('唯一性ID') }} || '/1' as source_id,
    'fxiaoke:orders:' || {{ titled('唯一性ID') }} as order_key,
    1 as line_number,
    {{ titled('销售订单金额') }} as net_revenue
from newest
