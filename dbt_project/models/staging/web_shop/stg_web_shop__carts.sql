with newest as (
    {{ newest_version(source('web_shop', 'carts'), ['cart_id'], 'updated_at') }}
)

select
    cart_id as source_id,
    'web_shop' as source_system,
    'carts' as source_object,
    case when customer_id is not null then 'web_shop:customers:' || customer_id end as customer_record_key,
    anonymous_id,
    'web_shop' as channel,
    'cart_' || lower(trim(status)) as interaction_type,
    'inbound' as direction,
    coalesce(updated_at, created_at) as occurred_at,
    status as outcome,
    case when order_id is not null then 'web_shop:orders:' || order_id end as related_order_key,
    currency,
    value as cart_value,
    items
from newest
