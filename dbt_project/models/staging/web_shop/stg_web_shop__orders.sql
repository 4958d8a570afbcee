with newest as (
    {{ newest_version(source('web_shop', 'orders'), ['order_id'], 'created_at') }}
)

select
    order_id as source_id,
    'web_shop' as source_system,
    'orders' as source_object,
    case when customer_id is not null then 'web_shop:customers:' || customer_id end as customer_record_key,
    created_at as ordered_at,
    currency,
    financial_status as order_status,
    'web' as channel,
    cast(null as varchar) as store_code
from newest
